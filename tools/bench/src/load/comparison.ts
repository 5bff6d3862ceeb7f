import { quantile } from '@aisle/std';
import type { Redis } from 'ioredis';
import { addItems, type AddItemOutcome } from './add-items.ts';
import { AddLedger } from './add-ledger.ts';
import type { Contender } from './contenders.ts';
import { CpuMeter, type MeteredProcess } from './cpu.ts';
import type { WalMeter, WalWritten } from './wal.ts';

export interface Workload {
  readonly name: string;
  readonly clients: number;
  /** With one basket, a new one is made for each round. Several baskets are kept, and get the adds in turn. */
  readonly baskets: number;
}

export interface ComparisonOptions {
  readonly contenders: readonly Contender[];
  readonly workloads: readonly Workload[];
  readonly rounds: number;
  /** The minimum of time and adds before the first round, so that everything is compiled. */
  readonly warmUpMs: number;
  readonly warmUpAdds: number;
  readonly roundMs: number;
  /** The shared servers, measured beside the contenders' own processes. */
  readonly sharedProcesses: readonly MeteredProcess[];
  readonly wal: WalMeter;
  readonly redis: Redis;
}

/** One contender under one workload: medians of the rounds, and means of counts. */
export interface Measured {
  readonly contender: Contender;
  readonly workload: Workload;
  readonly addsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly refused: number;
  readonly doubtful: number;
  readonly retried: number;
  /** Processor time per add in microseconds, by process. */
  readonly cpuUsAnAdd: ReadonlyMap<string, number>;
  /** Cores in use, by process. */
  readonly cores: ReadonlyMap<string, number>;
  /** Redis commands per add. A lower number means that more adds share a command. */
  readonly redisCommandsAnAdd: number;
  /** WAL per add; absent without PostgreSQL. */
  readonly walAnAdd?: WalWritten;
  readonly complaint?: string;
}

export interface Comparison {
  readonly measured: readonly Measured[];
  /** A sentence for each line of a basket that differs from the acknowledged adds. */
  readonly discrepancies: readonly string[];
}

interface Round {
  readonly outcome: AddItemOutcome;
  readonly cores: ReadonlyMap<string, number>;
  readonly wal: WalWritten | undefined;
  readonly redisCommands: number;
}

const MARKET = 'm1';
const WARM_UP_CLIENTS = 64;
const WARM_UP_TURNS_MAX = 5;
// Before each round, drop the effect of the work in between on the caches.
const SETTLE_FRACTION = 0.1;
// A basket's line holds 99,999 units, of three products in turn.
const ADDS_PER_BASKET_MAX = 250_000;

/**
 * Runs every workload on every contender in alternating rounds, with all of them up all the time, so that other load on
 * the machine affects each alike. At the end it reads back the acknowledged adds.
 */
export async function compare(options: ComparisonOptions): Promise<Comparison> {
  const runs = options.contenders.map((contender) => new ContenderRun(contender, options));
  for (const run of runs) await run.warmUp();
  for (let round = 0; round < options.rounds; round += 1) {
    for (const workload of options.workloads) {
      for (const run of runs) await run.play(workload, round);
    }
  }
  const discrepancies: string[] = [];
  for (const run of runs) discrepancies.push(...(await run.discrepancies()));
  const measured = options.workloads.flatMap((workload) => runs.map((run) => run.measured(workload)));
  return { measured, discrepancies };
}

class ContenderRun {
  readonly #contender: Contender;
  readonly #options: ComparisonOptions;
  readonly #ledgers = new Map<string, AddLedger>();
  readonly #rounds = new Map<Workload, Round[]>();

  constructor(contender: Contender, options: ComparisonOptions) {
    this.#contender = contender;
    this.#options = options;
  }

  async warmUp(): Promise<void> {
    const { warmUpMs, warmUpAdds, workloads } = this.#options;
    const ledger = this.#ledger('spread', Math.max(...workloads.map(({ baskets }) => baskets)));
    let adds = 0;
    for (let turn = 0; turn < WARM_UP_TURNS_MAX && (turn === 0 || adds < warmUpAdds); turn += 1) {
      adds += (await this.#add(ledger, WARM_UP_CLIENTS, warmUpMs)).acknowledged;
    }
  }

  async play(workload: Workload, round: number): Promise<void> {
    const { sharedProcesses, wal, redis, warmUpMs, roundMs } = this.#options;
    const { clients, baskets } = workload;
    const ledger = baskets === 1 ? this.#ledger(`hot-${round}`, 1) : this.#ledger('spread', baskets);
    await this.#add(ledger, clients, warmUpMs * SETTLE_FRACTION);

    const walBefore = await wal.position();
    const redisBefore = await commandsProcessed(redis);
    const cpu = new CpuMeter([...this.#contender.processes, ...sharedProcesses]);
    const outcome = await this.#add(ledger, clients, roundMs);
    const cores = cpu.split();
    const redisCommands = (await commandsProcessed(redis)) - redisBefore;
    const walAfter = await wal.position();
    const written = this.#contender.durable ? await wal.written(walBefore, walAfter) : undefined;
    this.#roundsOf(workload).push({ outcome, cores, wal: written, redisCommands });
  }

  async discrepancies(): Promise<string[]> {
    const { name, address, routes } = this.#contender;
    const found: string[] = [];
    for (const ledger of this.#ledgers.values()) {
      found.push(...(await ledger.discrepancies(address, MARKET, routes)).map((each) => `${name}: ${each}`));
    }
    return found;
  }

  measured(workload: Workload): Measured {
    const rounds = this.#roundsOf(workload);
    const outcomes = rounds.map(({ outcome }) => outcome);
    const adds = total(outcomes.map(({ acknowledged }) => acknowledged));
    const elapsedMs = total(outcomes.map((each) => each.elapsedMs));
    const names = [...(rounds[0]?.cores.keys() ?? [])];
    const cores = new Map(names.map((name) => [name, mean(rounds.map((each) => each.cores.get(name) ?? 0))]));
    const usAnAdd = adds === 0 ? 0 : (elapsedMs * 1_000) / adds;
    const complaint = outcomes.find((each) => each.complaint !== undefined)?.complaint;
    return {
      contender: this.#contender,
      workload,
      addsPerSecond: median(outcomes.map((each) => (each.acknowledged * 1_000) / each.elapsedMs)),
      p50Ms: median(outcomes.map(({ latenciesMs }) => median(latenciesMs))),
      p99Ms: median(outcomes.map(({ latenciesMs }) => quantile(latenciesMs, 0.99) ?? Number.NaN)),
      refused: total(outcomes.map(({ refused }) => refused)),
      doubtful: total(outcomes.map(({ doubtful }) => doubtful)),
      retried: total(outcomes.map(({ retried }) => retried)),
      cpuUsAnAdd: new Map([...cores].map(([name, used]) => [name, used * usAnAdd])),
      cores,
      redisCommandsAnAdd: total(rounds.map(({ redisCommands }) => redisCommands)) / adds,
      ...(this.#contender.durable ? { walAnAdd: walAnAdd(rounds, adds) } : {}),
      ...(complaint === undefined ? {} : { complaint }),
    };
  }

  #add(ledger: AddLedger, clients: number, forMs: number): Promise<AddItemOutcome> {
    const { address, routes, retriesMax } = this.#contender;
    const addsMax = ledger.baskets.length * ADDS_PER_BASKET_MAX;
    return addItems({ address, routes, market: MARKET, ledger, clients, forMs, addsMax, retriesMax });
  }

  #ledger(prefix: string, baskets: number): AddLedger {
    const key = `${prefix}/${baskets}`;
    let ledger = this.#ledgers.get(key);
    if (!ledger) {
      ledger = new AddLedger(Array.from({ length: baskets }, (_, at) => `${prefix}-${baskets}-${at}`));
      this.#ledgers.set(key, ledger);
    }
    return ledger;
  }

  #roundsOf(workload: Workload): Round[] {
    const rounds = this.#rounds.get(workload) ?? [];
    this.#rounds.set(workload, rounds);
    return rounds;
  }
}

async function commandsProcessed(redis: Redis): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]);
}

function walAnAdd(rounds: readonly Round[], adds: number): WalWritten {
  return {
    bytes: total(rounds.map(({ wal }) => wal?.bytes ?? 0)) / adds,
    fullPageBytes: total(rounds.map(({ wal }) => wal?.fullPageBytes ?? 0)) / adds,
    commits: total(rounds.map(({ wal }) => wal?.commits ?? 0)) / adds,
  };
}

function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5) ?? Number.NaN;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : total(values) / values.length;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

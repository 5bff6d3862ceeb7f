import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { actorKey, shardOf } from '@aisle/contracts';
import { checkLinearizable, type RecordedOperation } from '@aisle/simulation';
import { quantile } from '@aisle/std';
import { seededRandom } from '@aisle/std/testing';
import { Redis } from 'ioredis';
import type { Ground, Harm, Nemesis } from './nemeses/nemesis.ts';
import { ChaosSystem } from './system/chaos-system.ts';
import { Findings } from './verdict/findings.ts';
import { auditJournal, readJournal } from './verdict/journal-audit.ts';
import type { ChaosReport, Hit, Timings } from './verdict/report.ts';
import { MARKET } from './workload/operations.ts';
import { firstSuccesses } from './workload/probe.ts';
import { Workload } from './workload/workload.ts';

export interface ChaosOptions {
  readonly seed: number;
  /** In order. The run ends after the last one, or when its time is over. */
  readonly nemeses: Iterable<Nemesis>;
  /** No nemesis begins later than this. */
  readonly forMs: number;
  readonly baskets: number;
  readonly shoppers: number;
  /** True if there is a process that takes the orders of checkouts; without it no nemesis can pay. */
  readonly takesOrders: boolean;
  /** The time without faults before each nemesis. */
  readonly calmMs: number;
  /** True if the times in a promise are judged. A test on a busy machine only measures them. */
  readonly judgesTimes: boolean;
  readonly replay: string;
  /** Gets the progress of the run, one line at a time. */
  readonly onProgress: (line: string) => void;
  /** Ends the run early, without a report; servers and processes end with it. */
  readonly signal?: AbortSignal | undefined;
}

// The limits in P10 and P11.
const FAILOVER_MS = { p50: 2_000, p99: 3_000 };
const SERVICE_MS = 5_000;
const CONVERGED_MS = 10_000;
/** The wait after which an answer counts as never. */
const PATIENCE_MS = 30_000;
/** The time after a kill in which operations on other nodes' baskets are examined. */
const TAKEOVER_MS = 3_000;
const REPLAYED_MAX = 300;
/** A share of the successes while nothing is wrong. A busy machine alone lets a lease run out now and then. */
const CALM_REFUSALS_MAX = 0.05;
const BASKETS = { gateway: 1, 'basket-manager': 2, 'basket-server': 3 };
/** No process here reserves the stock of an order, so it waits. */
const ENVIRONMENT = { ORDER_TIMEOUT_MS: String(24 * 60 * 60_000) };
const CHECK_STEPS_MAX = 2_000_000;

/** Starts a system of its own, runs the nemeses on it under load, and judges each promise. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const system = await ChaosSystem.start({ ...BASKETS, orders: options.takesOrders ? 1 : 0 }, ENVIRONMENT);
  const interrupted = new Promise<never>((_, reject) => {
    options.signal?.addEventListener('abort', () => reject(new Error('interrupted')));
    options.signal?.throwIfAborted();
  });
  try {
    return await Promise.race([new ChaosRun(options, system).run(), interrupted]);
  } finally {
    await system.stop();
  }
}

class ChaosRun {
  private readonly findings = new Findings();
  private readonly workload: Workload;
  private readonly baskets: readonly string[];
  private readonly ground: Ground;
  private readonly hits: Hit[] = [];
  private readonly calm = { requests: 0, refusals: [] as string[] };
  private readonly timings: Timings = {
    failoverMs: [], afterRedisMs: [], afterPostgresMs: [], othersBeforeMs: [], othersDuringMs: [],
  };

  constructor(
    private readonly options: ChaosOptions,
    private readonly system: ChaosSystem,
  ) {
    const { seed, shoppers } = options;
    this.baskets = Array.from({ length: options.baskets }, (_, number) => `chaos-${seed}-${number}`);
    const violated = (promise: string, text: string): void => this.findings.violated(promise, text);
    this.ground = { system, random: seededRandom(seed), violated, answers: () => this.workload.answerCounts };
    this.workload = new Workload({
      seed,
      baskets: this.baskets,
      clients: shoppers,
      gatewayUrl: () => system.gatewayUrl,
      onViolation: (text) => violated('HTTP', `${text} at ${new Date().toISOString()}`),
    });
  }

  async run(): Promise<ChaosReport> {
    const startedAtMs = performance.now();
    this.workload.start();
    await this.converge();
    for (const nemesis of this.options.nemeses) {
      if (performance.now() - startedAtMs > this.options.forMs) break;
      await this.unleash(nemesis);
    }
    await this.workload.stop();
    await this.killEverything();
    this.options.onProgress('send acknowledged commands again, read the journal, check the history');
    await this.replaySome();
    return this.conclude(performance.now() - startedAtMs);
  }

  private async unleash(nemesis: Nemesis): Promise<void> {
    const calmFromMs = performance.now();
    await sleep(this.options.calmMs);
    this.judgeCalm(calmFromMs);

    this.options.onProgress(nemesis.name);
    const harm = await nemesis.start(this.ground);
    const measured = harm.killed ? this.measureFailover(harm.killed) : Promise.resolve();
    await sleep(nemesis.holdMs);
    await harm.heal();
    const healedAtMs = performance.now();
    await Promise.all([
      this.converge().then(({ tookMs, missing }) => {
        this.hits.push({ name: nemesis.name, victims: harm.victims, convergedMs: tookMs });
        const mostMs = this.options.judgesTimes ? CONVERGED_MS : PATIENCE_MS;
        if (missing.length === 0 && tookMs <= mostMs) return;
        const what = `${nemesis.name} (${harm.victims}): ${Math.round(tookMs)} ms later`;
        this.findings.violated('P11', `${what}, ${missing.join('; ') || 'everything succeeded at last'}`);
      }),
      nemesis.measures === 'service' ? this.measureService(nemesis, healedAtMs) : undefined,
      measured,
    ]);
    for (const text of await this.system.crashed()) this.findings.violated('processes', text);
  }

  /**
   * Writes to every basket until all have taken it and every process is ready. Returns the time, and the ones that are
   * left.
   */
  private async converge(): Promise<{ tookMs: number; missing: string[] }> {
    const sinceMs = performance.now();
    const operation = { op: 'add', sku: 'GR1', quantity: 1 } as const;
    const written = await Promise.all(
      this.baskets.map((basket, number) => this.workload.write(`healer ${number}`, basket, operation)),
    );
    const missing = this.baskets.filter((_, number) => !written[number]).map((basket) => `no write to ${basket}`);
    let unready = await this.system.unready();
    while (unready.length > 0 && performance.now() - sinceMs < PATIENCE_MS) {
      await sleep(50);
      unready = await this.system.unready();
    }
    return { tookMs: performance.now() - sinceMs, missing: [...missing, ...unready] };
  }

  /** A retryable refusal breaks no promise, as long as it is rare while nothing is wrong. */
  private judgeCalm(fromMs: number): void {
    const untilMs = performance.now();
    const after = this.hits.at(-1)?.name ?? 'the start';
    const { successes, setbacks } = this.workload;
    const refused = setbacks.splice(0).filter(({ sentAtMs, answeredAtMs }) => sentAtMs >= fromMs && answeredAtMs <= untilMs);
    const answered = successes.filter(({ calledAtMs }) => calledAtMs >= fromMs).length;
    this.calm.requests += answered + refused.length;
    this.calm.refusals.push(...refused.map(({ answer }) => `after ${after}: ${answer}`));
    if (refused.length <= CALM_REFUSALS_MAX * answered) return;
    const text = `in the calm after ${after} ${refused.length} refusals and ${answered} successes: ${refused[0]?.answer}`;
    this.findings.violated('P11', text);
  }

  private async measureFailover({ shards, atMs }: NonNullable<Harm['killed']>): Promise<void> {
    const lost = new Set(shards);
    const isLost = (basket: string): boolean => lost.has(shardOf('basket', actorKey('default', MARKET, basket)));
    const victims = this.baskets.filter(isLost);
    const times = await firstSuccesses(this.workload, victims, atMs, PATIENCE_MS);
    this.timings.failoverMs.push(...times.map((ms) => ms ?? Infinity));
    await sleep(atMs + TAKEOVER_MS - performance.now());
    const others = this.workload.successes.filter(({ basket }) => !isLost(basket));
    for (const { calledAtMs, tookMs } of others) {
      const endedAtMs = calledAtMs + tookMs;
      if (calledAtMs > atMs - TAKEOVER_MS && endedAtMs < atMs) this.timings.othersBeforeMs.push(tookMs);
      if (calledAtMs >= atMs && calledAtMs < atMs + TAKEOVER_MS) this.timings.othersDuringMs.push(tookMs);
    }
  }

  private async measureService({ name }: Nemesis, backAtMs: number): Promise<void> {
    const times = await firstSuccesses(this.workload, this.baskets, backAtMs, PATIENCE_MS);
    const samples = name.startsWith('Redis') ? this.timings.afterRedisMs : this.timings.afterPostgresMs;
    samples.push(...times.map((ms) => ms ?? Infinity));
  }

  /** Every process dies at once, and Redis forgets everything. The rest must be durable. */
  private async killEverything(): Promise<void> {
    this.options.onProgress('kill -9 everything, FLUSHALL, and read every basket');
    await Promise.all(this.system.nodes().map((node) => this.system.kill(node)));
    const redis = new Redis(this.system.redis.url);
    await redis.flushall();
    redis.disconnect();
    await this.system.complete();
    const read = await firstSuccesses(this.workload, this.baskets, performance.now(), PATIENCE_MS);
    for (const [number, ms] of read.entries()) {
      if (ms === undefined) this.findings.violated('P11', `${this.baskets[number]} was never readable at the end`);
    }
  }

  /** P4: an acknowledged command that is sent again must get the first answer again. */
  private async replaySome(): Promise<void> {
    const left = [...this.workload.acknowledged];
    const { random } = this.ground;
    const chosen = Array.from({ length: Math.min(REPLAYED_MAX, left.length) }, () =>
      left.splice(random.int(left.length), 1)).flat();
    const clients = Array.from({ length: 8 }, async () => {
      for (let next = chosen.pop(); next; next = chosen.pop()) {
        const difference = await this.workload.replay(next);
        if (difference) this.findings.violated('P4', `${next.basket}, ${next.key} again: ${difference}`);
      }
    });
    await Promise.all(clients);
  }

  private async conclude(tookMs: number): Promise<ChaosReport> {
    const { workload, findings, options } = this;
    const rows = await readJournal(this.system.databaseUrl, MARKET);
    for (const { promise, text } of auditJournal(rows, workload)) findings.violated(promise, text);
    const verdict = checkLinearizable(workload.history, { stepsMax: CHECK_STEPS_MAX });
    // Neither proven nor refuted is no proof.
    if (verdict.kind !== 'linearizable') findings.violated('P3', verdict.explanation);
    if (options.judgesTimes) this.judgeTimes();
    const { operations } = workload.history;
    const isUnknown = ({ outcome, operation }: RecordedOperation): boolean =>
      outcome.kind === 'unknown' && operation.op !== 'read';
    return {
      seed: options.seed,
      tookMs,
      operations: operations.length,
      unknown: operations.filter(isUnknown).length,
      acknowledged: workload.acknowledged.length,
      journalRows: rows.length,
      answers: workload.answerCounts,
      hits: this.hits,
      timings: this.timings,
      calm: this.calm,
      findings,
      errorLines: this.system.errors(),
      logFolder: findings.total > 0 ? await this.system.keepLogs() : undefined,
      replay: options.replay,
    };
  }

  private judgeTimes(): void {
    const { failoverMs, afterRedisMs, afterPostgresMs, othersBeforeMs, othersDuringMs } = this.timings;
    const judge = (what: string, samples: readonly number[], share: number, mostMs: number): void => {
      const ms = quantile(samples, share);
      if (ms === undefined || ms <= mostMs) return;
      const text = `${what}: p${share * 100} is ${Math.round(ms)} ms, promised are ${Math.round(mostMs)}`;
      this.findings.violated('P10', text);
    };
    judge('first success after kill -9', failoverMs, 0.5, FAILOVER_MS.p50);
    judge('first success after kill -9', failoverMs, 0.99, FAILOVER_MS.p99);
    judge('first success after Redis was back', afterRedisMs, 1, SERVICE_MS);
    judge('first success after PostgreSQL was back', afterPostgresMs, 1, SERVICE_MS);
    judge('baskets of other nodes', othersDuringMs, 0.99, 2 * (quantile(othersBeforeMs, 0.99) ?? Infinity));
  }
}

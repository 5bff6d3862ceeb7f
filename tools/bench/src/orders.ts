// Question: how many orders of one hot product are decided per second, compared with a TypeORM service that decides
// each by `UPDATE … WHERE quantity >= n` in a transaction of its own? There are two ways. At the stock, 64 clients ask
// for the stock of one order each: our market through the broker in another process, and the peer's repository in the
// asking process. The bar is about this way, while there is stock. From HTTP, an order goes the whole way to CONFIRMED
// or REJECTED: four apps of ours with a price, events and ledgers, and one process of the peer that answers with the
// result of its one transaction.
//
// Both get the same orders in alternating rounds. A round lasts until its last order is decided. The stock is sold out
// after all rounds. `--quick` shows that everything works. `--orders` in a round, `--rounds` of each, `--way=stock` or
// `HTTP` alone, `--json=file`, `--cpu-prof=folder`.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureInfra, readFlags } from '@aisle/dev';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { CpuMeter, type MeteredProcess } from './load/cpu.ts';
import { serverProcesses } from './load/server-processes.ts';
import { printTable } from './load/table.ts';
import { sendOrders } from './orders/order-load.ts';
import { startAisleOrdering, startTypeormOrdering, type Ordering } from './orders/ordering.ts';

const CLIENTS = 64;
const BAR = 3;
const DECIDED_WITHIN_MS = 120_000;

const flags = readFlags({
  quick: { type: 'boolean', default: false },
  orders: { type: 'string' },
  rounds: { type: 'string' },
  way: { type: 'string', default: '' },
  json: { type: 'string' },
  'cpu-prof': { type: 'string' },
});
const orders = Number(flags.orders ?? (flags.quick ? 200 : 5_000));
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));

type Way = 'at the stock' | 'from HTTP';

interface Round {
  readonly way: Way;
  readonly name: string;
  readonly perSecond: number;
  readonly confirmed: number;
  readonly rejected: number;
  /** Processor time per order, by process. */
  readonly cpuMs: ReadonlyMap<string, number>;
}

process.exitCode = await run();

async function run(): Promise<number> {
  const infra = await ensureInfra();
  const admin = new Client({ connectionString: infra.adminDatabaseUrl });
  await admin.connect();
  const redis = new Redis(infra.redisUrl);
  const servers = await serverProcesses(redis, admin);
  // The first round is a warm-up, and sells as well.
  const stock = (1 + rounds) * orders;
  const options = { servers: { ...infra, admin }, stock, profileFolder: flags['cpu-prof'] };
  const contenders = [await startTypeormOrdering(options), await startAisleOrdering(options)];
  try {
    const found: Round[] = [];
    const ways = { 'at the stock': decideAll, 'from HTTP': orderAll } as const;
    for (const way of (Object.keys(ways) as Way[]).filter((way) => way.includes(flags.way))) {
      for (let round = 0; round <= 2 * rounds; round += 1) {
        for (const contender of contenders) found.push({ way, ...(await play(contender, servers, ways[way])) });
      }
    }
    if (flags.json) writeFileSync(flags.json, JSON.stringify({ rounds: found }, null, 2));
    return report(found, stock) ? 0 : 1;
  } finally {
    for (const contender of contenders.reverse()) for (const line of await contender.stop()) console.log(line);
    await admin.end();
    await redis.quit();
    await infra.release();
  }
}

type DecidedCounts = { readonly confirmed: number; readonly rejected: number };

/** Decides all orders in one way. Returns the orders per second, and the processor time per order by process. */
async function play(
  contender: Ordering, servers: readonly MeteredProcess[], decide: (contender: Ordering) => Promise<DecidedCounts>,
): Promise<Omit<Round, 'way'>> {
  const cpu = new CpuMeter([...contender.processes, ...servers]);
  const startMs = performance.now();
  const outcome = await decide(contender);
  const perSecond = (orders * 1_000) / (performance.now() - startMs);
  const cpuMs = new Map([...cpu.split()].map(([name, cores]) => [name, (cores * 1_000) / perSecond]));
  return { name: contender.name, perSecond, cpuMs, ...outcome };
}

/** Decides all orders by concurrent clients, each with one order at a time. */
async function decideAll({ decide }: Ordering): Promise<DecidedCounts> {
  let asked = 0;
  let confirmed = 0;
  const client = async (): Promise<void> => {
    while (asked < orders) {
      asked += 1;
      if (await decide(randomUUID())) confirmed += 1;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { confirmed, rejected: orders - confirmed };
}

/** From the first request to the last decision. */
async function orderAll(contender: Ordering): Promise<DecidedCounts> {
  const before = await contender.decided();
  const wanted = before.confirmed + before.rejected + orders;
  const deadlineMs = performance.now() + DECIDED_WITHIN_MS;
  await sendOrders({ ...contender, clients: CLIENTS, orders });
  for (;;) {
    const { confirmed, rejected } = await contender.decided();
    if (confirmed + rejected >= wanted) {
      return { confirmed: confirmed - before.confirmed, rejected: rejected - before.rejected };
    }
    if (performance.now() > deadlineMs) {
      throw new Error(`${contender.name} left ${wanted - confirmed - rejected} orders undecided`);
    }
    await sleep(20);
  }
}

/** False if stock was sold twice or left over, or a full run missed the bar. */
function report(found: readonly Round[], stock: number): boolean {
  return [...new Set(found.map(({ way }) => way))]
    .map((way) => reportWay(way, found.filter((round) => round.way === way), stock))
    .every((good) => good);
}

function reportWay(way: Way, found: readonly Round[], stock: number): boolean {
  const [peer, ours] = (['typeorm', 'aisle'] as const).map((name) => ofContender(name, found));
  if (!peer || !ours) throw new Error('a contender has no result');
  console.log(`\n${way}: one hot product, ${CLIENTS} clients, ${orders} orders a round, medians of ${rounds}${flags.quick ? ' (quick: no figures)' : ''}`);
  const figure = (perSecond: number): string => Math.round(perSecond).toLocaleString('en-GB');
  printTable(['', 'decided/s in stock', 'sold out', 'confirmed in all', 'rejected in all'], [peer, ours].map((each) => [
    each.name, figure(each.inStock), figure(each.soldOut), String(each.confirmed), String(each.rejected),
  ]));
  for (const each of [peer, ours]) printCpu(each.name, each.rounds);
  const isExact = [peer, ours].every(({ confirmed }) => confirmed === stock);
  if (!isExact) console.log(`NOT EXACT: ${stock} units were in stock`);
  if (flags.quick) return isExact;
  const times = ours.inStock / peer.inStock;
  const met = times >= BAR;
  const verdict = way === 'at the stock' ? `, at least ${BAR}: ${met ? 'met' : 'MISSED'}` : '';
  console.log(`decisions per second ${way}, as a multiple of TypeORM: ${times.toFixed(2)} in stock${verdict}; ${(ours.soldOut / peer.soldOut).toFixed(2)} sold out`);
  return isExact && (way !== 'at the stock' || met);
}

function ofContender(name: Round['name'], found: readonly Round[]) {
  const all = found.filter((round) => round.name === name);
  const sum = (of: (round: Round) => number): number => all.reduce((so, round) => so + of(round), 0);
  const measured = all.slice(1);
  return {
    name,
    rounds: measured,
    inStock: median(measured.filter(({ confirmed }) => confirmed > 0)),
    soldOut: median(measured.filter(({ confirmed }) => confirmed === 0)),
    confirmed: sum(({ confirmed }) => confirmed),
    rejected: sum(({ rejected }) => rejected),
  };
}

/** Prints the processor time per order. Other load on the machine distorts it less than the orders per second. */
function printCpu(name: string, rounds: readonly Round[]): void {
  const processes = [...(rounds[0]?.cpuMs.keys() ?? [])];
  const mean = (process: string): number => rounds.reduce((sum, { cpuMs }) => sum + (cpuMs.get(process) ?? 0), 0) / rounds.length;
  const rows = processes.map((process) => [process, mean(process).toFixed(3)]);
  const all = processes.filter((process) => process !== 'others').reduce((sum, process) => sum + mean(process), 0);
  printTable([`${name}: processor time an order`, 'ms'], [...rows, ['all but others', all.toFixed(3)]]);
}

function median(rows: readonly Round[]): number {
  const sorted = rows.map(({ perSecond }) => perSecond).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

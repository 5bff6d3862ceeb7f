// Question: how many orders of one hot product are decided a second, the whole way from HTTP to CONFIRMED or
// REJECTED, beside a service that decides each within its own transaction (`UPDATE … WHERE quantity >= n`)?
//
// Both get the same orders from the same clients in alternating rounds; a round lasts until its last order is
// decided. Half the rounds find stock, the others find none left. `--quick` shows that everything works.
// `--orders` in a round, `--rounds`, `--json=file`, `--cpu-prof=folder`.
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ensureInfra } from '@aisle/dev';
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

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    orders: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string' },
    'cpu-prof': { type: 'string' },
  },
});
const orders = Number(flags.orders ?? (flags.quick ? 200 : 10_000));
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 6));

interface Round {
  readonly name: string;
  readonly perSecond: number;
  readonly confirmed: number;
  readonly rejected: number;
  /** Processor time an order, by process. */
  readonly cpuMs: ReadonlyMap<string, number>;
}

process.exitCode = await run();

async function run(): Promise<number> {
  const infra = await ensureInfra();
  const admin = new Client({ connectionString: infra.adminDatabaseUrl });
  await admin.connect();
  const redis = new Redis(infra.redisUrl);
  const servers = await serverProcesses(redis, admin);
  // The first half of the rounds, the warm-up among them, is sold; the rest is turned away.
  const stock = Math.ceil((rounds + 1) / 2) * orders;
  const options = { servers: { ...infra, admin }, stock, profileFolder: flags['cpu-prof'] };
  const contenders = [await startTypeormOrdering(options), await startAisleOrdering(options)];
  try {
    const found: Round[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      for (const contender of contenders) {
        const played = await play(contender, servers);
        if (round > 0) found.push(played);
      }
    }
    const ends = await Promise.all(contenders.map(async (each) => ({ name: each.name, ...(await each.decided()) })));
    if (flags.json) writeFileSync(flags.json, JSON.stringify({ rounds: found, ends }, null, 2));
    return report(found, ends, stock) ? 0 : 1;
  } finally {
    for (const contender of contenders.reverse()) for (const line of await contender.stop()) console.log(line);
    await admin.end();
    await redis.quit();
    await infra.release();
  }
}

/** From the first request to the last decision. */
async function play(contender: Ordering, servers: readonly MeteredProcess[]): Promise<Round> {
  const before = await contender.decided();
  const wanted = before.confirmed + before.rejected + orders;
  const cpu = new CpuMeter([...contender.processes, ...servers]);
  const startMs = performance.now();
  await sendOrders({ ...contender, clients: CLIENTS, orders });
  for (;;) {
    const { confirmed, rejected } = await contender.decided();
    const elapsedMs = performance.now() - startMs;
    if (confirmed + rejected >= wanted) {
      const perSecond = (orders * 1_000) / elapsedMs;
      const cpuMs = new Map([...cpu.split()].map(([name, cores]) => [name, (cores * 1_000) / perSecond]));
      return {
        name: contender.name, perSecond, cpuMs,
        confirmed: confirmed - before.confirmed, rejected: rejected - before.rejected,
      };
    }
    if (elapsedMs > DECIDED_WITHIN_MS) throw new Error(`${contender.name} left ${wanted - confirmed - rejected} orders undecided`);
    await sleep(20);
  }
}

/** False when stock was sold twice or left over, or a full run missed the bar. */
function report(
  found: readonly Round[], ends: readonly { name: string; confirmed: number; rejected: number }[], stock: number,
): boolean {
  const peer = median(found.filter(({ name }) => name === 'typeorm'));
  const ours = median(found.filter(({ name }) => name === 'aisle'));
  console.log(`\none hot product, ${CLIENTS} clients, ${orders} orders a round, medians of ${rounds}${flags.quick ? ' (quick: no figures)' : ''}`);
  printTable(['', 'decided/s', 'confirmed in all', 'rejected in all'], ends.map(({ name, confirmed, rejected }) => [
    name, Math.round(name === 'aisle' ? ours : peer).toLocaleString('en-GB'), String(confirmed), String(rejected),
  ]));
  for (const { name } of ends) printCpu(name, found);
  const isExact = ends.every(({ confirmed }) => confirmed === Math.min(stock, (rounds + 1) * orders));
  if (!isExact) console.log(`NOT EXACT: ${stock} units were there to be sold`);
  const ratio = ours / peer;
  const met = flags.quick || ratio >= BAR;
  if (!flags.quick) console.log(`decided a second, times the TypeORM service, at least ${BAR}: ${ratio.toFixed(2)}, ${met ? 'met' : 'MISSED'}`);
  return isExact && met;
}

/** Neighbours that take cores away change orders a second much, and this less. */
function printCpu(name: string, found: readonly Round[]): void {
  const rounds = found.filter((round) => round.name === name);
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

// Question: what do many scripts that apply to a line add to the price of an add, through the whole system? Three markets
// of one system in turn: one without scripts, one with 25 of them, one with 100. Compare their processor time per add.
//
// Every add has a quantity that is new for its product, so no answer is remembered. `--quick` takes few scripts in short
// rounds; `--rounds`, and `--seconds` of each; `--json=file` writes the figures, `--cpu-prof=folder` a profile of each
// process.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureInfra, readFlags } from '@aisle/dev';
import { quantile } from '@aisle/std';
import { Redis } from 'ioredis';
import { withAisleSystem, type AisleSystem } from './load/aisle-system.ts';
import { CpuMeter, type MeteredProcess } from './load/cpu.ts';
import { HttpConnection, postRequest } from './load/http-connection.ts';
import { serverProcesses } from './load/server-processes.ts';
import { printTable } from './load/table.ts';
import { sourceOf } from './pricing/shop.ts';

const flags = readFlags({
  quick: { type: 'boolean', default: false }, rounds: { type: 'string' }, seconds: { type: 'string' },
  json: { type: 'string' }, 'cpu-prof': { type: 'string' },
});

/** A market of the seed, and the number of scripts that apply to each of its lines. */
interface Shop {
  readonly market: string;
  readonly scripts: number;
  /** The maximum of its processor time over that of the first shop. */
  readonly ratioMax: number;
}

const SHOPS: readonly Shop[] = [
  { market: 'm1', scripts: 0, ratioMax: 1 },
  { market: 'm2', scripts: flags.quick ? 2 : 25, ratioMax: 1.5 },
  { market: 'm3', scripts: flags.quick ? 4 : 100, ratioMax: 3 },
];
const ROLLOUT_RATIO_MAX = 3;
const ROUNDS = Number(flags.rounds ?? (flags.quick ? 1 : 5));
const ROUND_MS = Number(flags.seconds ?? (flags.quick ? 0.5 : 4)) * 1_000;
const WARM_UP_MS = flags.quick ? 500 : 10_000;
const FIRST_MS = 1_000;
const CLIENTS = flags.quick ? 8 : 32;
const BASKETS = 200;
const SKUS = Array.from({ length: 60 }, (_, at) => `P${String(1 + at).padStart(4, '0')}`);
const QUANTITIES = 97;

/** Adds of one round. */
interface Round {
  readonly adds: number;
  readonly refused: number;
  readonly cpuUs: number;
  readonly latenciesMs: readonly number[];
}

let adds = 0;

process.exitCode = await run();

async function run(): Promise<number> {
  const infra = await ensureInfra();
  const redis = new Redis(infra.redisUrl);
  try {
    const profileFolder = flags['cpu-prof'] && resolve(flags['cpu-prof']);
    return await withAisleSystem({ basketServers: 2, profileFolder }, async (system, admin) => {
      const servers = await serverProcesses(redis, admin);
      const processes = [...system.apps, ...servers.filter(({ name }) => name !== 'load')];
      return report(await measure(system, processes));
    });
  } finally {
    await redis.quit();
    await infra.release();
  }
}

async function measure(system: AisleSystem, processes: readonly MeteredProcess[]): Promise<{ first: Round; rounds: Map<Shop, Round[]> }> {
  const rounds = new Map<Shop, Round[]>(SHOPS.map((shop) => [shop, []]));
  let first: Round | undefined;
  for (const shop of SHOPS) {
    await addFor(system, processes, shop, WARM_UP_MS);
    await rollOut(system, shop);
    first = await addFor(system, processes, shop, FIRST_MS);
    await addFor(system, processes, shop, WARM_UP_MS);
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [shop, taken] of rounds) taken.push(await addFor(system, processes, shop, ROUND_MS));
  }
  return { first: first!, rounds };
}

/** Puts all scripts of a shop in force, one right after another. */
async function rollOut(system: AisleSystem, { market, scripts }: Shop): Promise<void> {
  const names = Array.from({ length: scripts }, (_, index) => `${market}-${index}`);
  for (const [index, name] of names.entries()) {
    await call(system, 'POST', '/v1/strategies', { source: scriptOf(name, market, index) });
    await call(system, 'POST', `/v1/strategies/${name}/versions/1.0.0/validate`, {});
  }
  for (const name of names) {
    await call(system, 'PUT', `/v1/strategies/${name}/rollout`, { state: 'active', version: '1.0.0' });
  }
}

/** Applies to every line of a market; it takes a penny off very large quantities. All priorities differ. */
function scriptOf(name: string, market: string, priority: number): string {
  const input = { sku: SKUS[0]!, quantity: 2, unitPriceMinor: 311, netMinor: 622 };
  const tests = [{ name: 'few', input, expect: { netMinor: 622 } }];
  return sourceOf({ name, kind: 'line', scope: { markets: [market] }, priority, tests }, `
    const { quantity } = input;
    if (quantity < 50_000) return { adjustments: [], skipped: [] };
    return { adjustments: [{ code: 'many', amountMinor: -1, units: quantity, message: 'very many' }] };
  `);
}

async function addFor(
  system: AisleSystem, processes: readonly MeteredProcess[], { market }: Shop, forMs: number,
): Promise<Round> {
  const latenciesMs: number[] = [];
  let refused = 0;
  const cpu = new CpuMeter(processes);
  const startMs = performance.now();
  const client = async (): Promise<void> => {
    const connection = new HttpConnection(system.address);
    for (let sentMs = performance.now(); sentMs - startMs < forMs; sentMs = performance.now()) {
      const { status } = await connection.send(nextAdd(system, market));
      if (status < 300) latenciesMs.push(performance.now() - sentMs);
      else refused += 1;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const elapsedUs = (performance.now() - startMs) * 1_000;
  const cores = [...cpu.split()].filter(([name]) => name !== 'others').reduce((sum, [, share]) => sum + share, 0);
  return { adds: latenciesMs.length, refused, cpuUs: (cores * elapsedUs) / latenciesMs.length, latenciesMs };
}

function nextAdd({ address }: AisleSystem, market: string): string {
  adds += 1;
  const body = JSON.stringify({ sku: SKUS[adds % SKUS.length], quantity: 1 + (adds * 31) % QUANTITIES });
  const path = `/v1/markets/${market}/baskets/basket-${(adds * 7) % BASKETS}/lines`;
  return postRequest(address, path, body, `idempotency-key: ${randomUUID()}\r\n`);
}

async function call({ address: { host, port } }: AisleSystem, method: string, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID(), ...(method === 'PUT' ? { 'if-match': '*' } : {}) };
  const init = { method, headers, body: JSON.stringify(body) };
  let answer: Response;
  // On a busy machine an answer may come too late; the same request may then be made again.
  do answer = await fetch(`http://${host}:${port}${path}`, init);
  while (answer.status === 429 || answer.status === 503 || answer.status === 504);
  const text = await answer.text();
  if (!answer.ok || text.includes('"passed":false')) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
}

function report({ first, rounds }: { first: Round; rounds: ReadonlyMap<Shop, readonly Round[]> }): number {
  const [none, ...others] = [...rounds].map(([shop, taken]) => ({ shop, taken, cpuUs: median(taken.map(({ cpuUs }) => cpuUs)) }));
  const rows = [none!, ...others].map(({ shop, taken, cpuUs }) => rowOf(`${shop.scripts} that apply`, taken, cpuUs));
  printTable(
    ['scripts', 'CPU µs an add', 'adds a round', 'p50 ms', 'p99 ms', 'refused'],
    [...rows, rowOf(`first second after ${SHOPS.at(-1)!.scripts} rollouts`, [first], first.cpuUs)],
  );
  const bars = [
    ...others.map(({ shop, cpuUs }) => ({ name: `${shop.scripts} that apply to the line`, ratio: cpuUs / none!.cpuUs, ratioMax: shop.ratioMax })),
    { name: 'first second after a rollout', ratio: first.cpuUs / none!.cpuUs, ratioMax: ROLLOUT_RATIO_MAX },
  ];
  for (const { name, ratio, ratioMax } of bars) {
    console.log(`${name}, CPU an add ÷ without scripts, at most ${ratioMax}: ${ratio.toFixed(2)}, ${ratio <= ratioMax ? 'met' : 'MISSED'}`);
  }
  if (flags.json) writeFileSync(flags.json, JSON.stringify({ bars, rounds: rows }, null, 2));
  return flags.quick || bars.every(({ ratio, ratioMax }) => ratio <= ratioMax) ? 0 : 1;
}

function rowOf(name: string, taken: readonly Round[], cpuUs: number): string[] {
  const latenciesMs = taken.flatMap((round) => round.latenciesMs);
  const count = (of: (round: Round) => number): string => String(Math.round(median(taken.map(of))));
  return [
    name, cpuUs.toFixed(0), count(({ adds: made }) => made), (quantile(latenciesMs, 0.5) ?? 0).toFixed(1),
    (quantile(latenciesMs, 0.99) ?? 0).toFixed(1), count(({ refused }) => refused),
  ];
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5) ?? Number.NaN;
}

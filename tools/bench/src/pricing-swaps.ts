// Question: does the size of a shop stay constant whose rules change ten thousand times, and does the time of a change?
// Every change is a new version: loaded, validated and rolled out over HTTP, while baskets on two basket-servers are
// priced by it. Memory is measured after a full collection.
//
// `--swaps=10000`; `--quick` takes 40, and only shows that the benchmark still runs.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { readFlags } from '@aisle/dev';
import { MEMORY_PROBE, withAisleSystem, type AisleSystem } from './load/aisle-system.ts';
import { printTable } from './load/table.ts';
import { sourceOf } from './pricing/shop.ts';

const flags = readFlags({ quick: { type: 'boolean', default: false }, swaps: { type: 'string' }, json: { type: 'string' } });
const SWAPS = Number(flags.swaps ?? (flags.quick ? 40 : 10_000));
/** From here on nothing may grow: caches are full, and code is compiled. */
const WARM = Math.floor(SWAPS / 100) || 1;
const GROWTH_MIB_MAX = 64;
const BASKETS = 16;
const LINES = ['GR1', 'P0001', 'P0002', 'P0003'];
const NAME = 'swapped';

/** The memory of both basket-servers, and the durations of the last swaps. */
interface Look {
  readonly swaps: number;
  readonly heapMib: number;
  readonly rssMib: number;
  readonly swapMs: number;
}

process.exitCode = await withAisleSystem(
  { basketServers: 2, nodeFlags: MEMORY_PROBE }, async (system) => report(await swapAll(system)),
);

async function swapAll(system: AisleSystem): Promise<Look[]> {
  const looks: Look[] = [];
  const every = Math.max(WARM, Math.ceil(SWAPS / 10));
  let last = { swaps: 0, atMs: performance.now() };
  for (let swap = 1; swap <= SWAPS; swap += 1) {
    await putInForce(system, swap);
    await shop(system, swap);
    if (swap !== WARM && swap % every !== 0) continue;
    const swapMs = (performance.now() - last.atMs) / (swap - last.swaps);
    looks.push({ swaps: swap, swapMs, ...await memoryOf(system) });
    last = { swaps: swap, atMs: performance.now() };
  }
  return looks;
}

async function putInForce(system: AisleSystem, swap: number): Promise<void> {
  const amountMinor = 1 + (swap % 50);
  const tests = [{
    name: 'one', input: { sku: 'GR1', quantity: 1, unitPriceMinor: 311, netMinor: 311 },
    expect: { netMinor: 311 - amountMinor },
  }];
  const source = sourceOf(
    { name: NAME, version: `${swap}`, kind: 'line', scope: { skus: LINES }, tests },
    `return { adjustments: [{ code: 'off', amountMinor: -${amountMinor}, message: 'version ${swap}' }] };`,
  );
  await call(system, 'POST', '/v1/strategies', { source });
  await call(system, 'POST', `/v1/strategies/${NAME}/versions/${swap}/validate`, {});
  await call(system, 'PUT', `/v1/strategies/${NAME}/rollout`, { state: 'active', version: `${swap}` });
}

/** Baskets on both servers, each with a line at a new quantity. */
async function shop(system: AisleSystem, swap: number): Promise<void> {
  const sku = LINES[swap % LINES.length];
  const baskets = Array.from({ length: 4 }, (_, index) => `basket-${(swap * 4 + index) % BASKETS}`);
  await Promise.all(baskets.map((basket) =>
    call(system, 'PUT', `/v1/markets/m1/baskets/${basket}/lines/${sku}`, { quantity: 1 + (swap % 99) })));
}

async function memoryOf({ apps }: AisleSystem): Promise<Pick<Look, 'heapMib' | 'rssMib'>> {
  const servers = apps.filter(({ name }) => name.startsWith('basket-server'));
  const used = await Promise.all(servers.map((server) => server.ask<NodeJS.MemoryUsage>('memory')));
  const sum = (figure: 'heapUsed' | 'rss') => used.reduce((total, each) => total + each[figure], 0) / 2 ** 20;
  return { heapMib: sum('heapUsed'), rssMib: sum('rss') };
}

async function call({ address: { host, port } }: AisleSystem, method: string, path: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json', ...(method === 'PUT' && path.endsWith('rollout') ? { 'if-match': '*' } : {}) };
  const init = { method, headers: { ...headers, 'idempotency-key': randomUUID() }, body: JSON.stringify(body) };
  let answer: Response;
  // On a busy machine an answer may come too late; the same request may then be made again.
  do answer = await fetch(`http://${host}:${port}${path}`, init);
  while (answer.status === 503 || answer.status === 504);
  const text = await answer.text();
  if (!answer.ok || text.includes('"passed":false')) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
}

function report(looks: readonly Look[]): number {
  printTable(
    ['swaps', 'heaps MiB', 'resident MiB', 'ms a swap'],
    looks.map(({ swaps, heapMib, rssMib, swapMs }) => [`${swaps}`, heapMib.toFixed(1), rssMib.toFixed(0), swapMs.toFixed(1)]),
  );
  const [first, last] = [looks[0] as Look, looks.at(-1) as Look];
  const growthMib = last.rssMib - first.rssMib;
  const met = growthMib <= GROWTH_MIB_MAX;
  console.log(`growth of both basket-servers from ${first.swaps} to ${last.swaps} swaps, MiB, at most ${GROWTH_MIB_MAX}: `
    + `${growthMib.toFixed(1)}, ${met ? 'met' : 'MISSED'}`);
  if (flags.json) writeFileSync(flags.json, JSON.stringify({ looks, growthMib }, null, 2));
  return flags.quick || met ? 0 : 1;
}

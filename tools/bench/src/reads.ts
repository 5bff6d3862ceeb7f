// Question: what do a shop's most frequent reads cost through the whole system, and what does a reader save who knows the
// answer already, or a writer who does not want the basket back? Processor time a request, of all processes together.
//
// `--quick` takes a moment; `--rounds`, and `--seconds` of each; `--json=file` writes the figures, `--cpu-prof=folder` a
// profile of each process.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureInfra, readFlags } from '@aisle/dev';
import { quantile } from '@aisle/std';
import { Redis } from 'ioredis';
import { withAisleSystem, type AisleSystem } from './load/aisle-system.ts';
import { CpuMeter, type MeteredProcess } from './load/cpu.ts';
import { HttpConnection, getRequest, postRequest } from './load/http-connection.ts';
import { serverProcesses } from './load/server-processes.ts';
import { printTable } from './load/table.ts';

const flags = readFlags({
  quick: { type: 'boolean', default: false }, rounds: { type: 'string' }, seconds: { type: 'string' },
  json: { type: 'string' }, 'cpu-prof': { type: 'string' },
});

const ROUNDS = Number(flags.rounds ?? (flags.quick ? 1 : 5));
const ROUND_MS = Number(flags.seconds ?? (flags.quick ? 0.3 : 3)) * 1_000;
const CLIENTS = 32;
const LARGE_LINES = flags.quick ? 20 : 1_000;
const MARKET = '/v1/markets/m2';
const PAGE = `${MARKET}/products?limit=50`;
const LARGE = `${MARKET}/baskets/large`;

interface Work {
  readonly name: string;
  readonly status: number;
  /** The maximum of its processor time, in milliseconds; undefined without a bar. */
  readonly cpuMsMax?: number;
  readonly request: () => string;
}

process.exitCode = await run();

async function run(): Promise<number> {
  const infra = await ensureInfra();
  const redis = new Redis(infra.redisUrl);
  try {
    const profileFolder = flags['cpu-prof'] && resolve(flags['cpu-prof']);
    return await withAisleSystem({ basketServers: 2, alsoApps: ['market'], profileFolder }, async (system, admin) => {
      const servers = await serverProcesses(redis, admin);
      return report(await measure(system, [...system.apps, ...servers.filter(({ name }) => name !== 'load')]));
    });
  } finally {
    await redis.quit();
    await infra.release();
  }
}

async function measure(system: AisleSystem, processes: readonly MeteredProcess[]): Promise<Map<Work, number[]>> {
  const works = await prepare(system);
  const cpuUs = new Map<Work, number[]>(works.map((work) => [work, []]));
  for (const work of works) await requestsFor(system, processes, work, ROUND_MS);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [work, taken] of cpuUs) taken.push(await requestsFor(system, processes, work, ROUND_MS));
  }
  return cpuUs;
}

/** Fills a small and a large basket; returns the requests to measure. */
async function prepare({ address }: AisleSystem): Promise<readonly Work[]> {
  const url = `http://${address.host}:${address.port}`;
  const page = await answered(await fetch(`${url}${MARKET}/products?limit=200`));
  const skus = ((await page.json()) as { items: { sku: string }[] }).items.map(({ sku }) => sku);
  await addTo(`${url}${MARKET}/baskets/small`, skus.slice(0, 3));
  const all: string[] = [];
  for (let after = ''; all.length < LARGE_LINES;) {
    const { items, next } = (await (await answered(await fetch(`${url}${MARKET}/products?limit=200${after}`))).json()) as
      { items: { sku: string }[]; next: string | null };
    all.push(...items.map(({ sku }) => sku));
    if (next === null) break;
    after = `&cursor=${next}`;
  }
  for (let first = 0; first < Math.min(all.length, LARGE_LINES); first += 100) await addTo(`${url}${LARGE}`, all.slice(first, first + 100));

  const [pageTag, productTag] = await Promise.all([PAGE, `${MARKET}/products/${skus[0]}`].map(async (path) =>
    (await answered(await fetch(`${url}${path}`))).headers.get('etag')));
  const read = (path: string, tag?: string | null): (() => string) => () => getRequest(address, path, tag ? `if-none-match: ${tag}\r\n` : '');
  const add = (headers = ''): (() => string) => () =>
    postRequest(address, `${LARGE}/lines`, JSON.stringify({ sku: skus[0], quantity: 1 }), `idempotency-key: ${randomUUID()}\r\n${headers}`);
  return [
    { name: 'basket of 3 lines', status: 200, request: read(`${MARKET}/baskets/small`) },
    { name: 'product', status: 200, request: read(`${MARKET}/products/${skus[0]}`) },
    { name: 'product, known', status: 304, request: read(`${MARKET}/products/${skus[0]}`, productTag) },
    { name: 'page of 50 products', status: 200, cpuMsMax: 0.3, request: read(PAGE) },
    { name: 'page of 50 products, known', status: 304, cpuMsMax: 0.3, request: read(PAGE, pageTag) },
    { name: `add to ${LARGE_LINES} lines`, status: 200, request: add() },
    { name: `add to ${LARGE_LINES} lines, Prefer: return=minimal`, status: 204, request: add('prefer: return=minimal\r\n') },
  ];
}

async function addTo(basketUrl: string, skus: readonly string[]): Promise<void> {
  const operations = skus.map((sku) => ({ op: 'add', sku, quantity: 1 }));
  await answered(await fetch(`${basketUrl}/commands`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(operations),
  }));
}

async function answered(answer: Response): Promise<Response> {
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

/** The processor time of a request, in microseconds, while clients send it again and again. */
async function requestsFor(system: AisleSystem, processes: readonly MeteredProcess[], work: Work, forMs: number): Promise<number> {
  let done = 0;
  const cpu = new CpuMeter(processes);
  const startMs = performance.now();
  const client = async (): Promise<void> => {
    const connection = new HttpConnection(system.address);
    while (performance.now() - startMs < forMs) {
      const { status, body } = await connection.send(work.request());
      if (status !== work.status) throw new Error(`${work.name}: ${status} ${body}`);
      done += 1;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  const cores = [...cpu.split()].filter(([name]) => name !== 'others').reduce((sum, [, share]) => sum + share, 0);
  return cores * (performance.now() - startMs) * 1_000 / done;
}

function report(cpuUs: ReadonlyMap<Work, readonly number[]>): number {
  const rows = [...cpuUs].map(([work, taken]) => ({ ...work, cpuMs: quantile(taken, 0.5)! / 1_000 }));
  printTable(
    ['request', 'CPU ms', 'at most', ''],
    rows.map(({ name, cpuMs, cpuMsMax }) => [
      name, cpuMs.toFixed(3), cpuMsMax === undefined ? '' : String(cpuMsMax), cpuMsMax === undefined ? '' : cpuMs <= cpuMsMax ? 'met' : 'MISSED',
    ]),
  );
  if (flags.json) writeFileSync(flags.json, JSON.stringify(rows));
  return flags.quick || rows.every(({ cpuMs, cpuMsMax = Infinity }) => cpuMs <= cpuMsMax) ? 0 : 1;
}

// Question: is an event lost on its way from a transaction through the outbox, Redis Streams and a pipeline, when the
// process in between is killed twice and Redis is flushed once? A million events are written to PostgreSQL first. This
// process counts the pipeline's deliveries to its sink in memory that only it writes. The dead letters are rows.
//
// `--events=1000000`; `--quick` takes 40,000. Exits with 1 if an event is missing or in two places.
import { fork, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readFlags } from '@aisle/dev';
import { startOwnServer } from '@aisle/dev/testing';
import { eventsSchema, insertOutbox, outboxMigrations, type OutboxEvent } from '@aisle/events';
import { createPool, migrate, prepareDatabase } from '@aisle/persistence';
import { testDatabase } from '@aisle/persistence/testing';
import { Redis } from 'ioredis';
import { CONSUMER, SCHEMA, TOPIC, isPoison, type Stored, type WorkerPlan } from './pipeline/stream-worker.ts';

const flags = readFlags({ quick: { type: 'boolean', default: false }, events: { type: 'string' }, json: { type: 'string' } });
const EVENTS = Number(flags.events ?? (flags.quick ? 40_000 : 1_000_000));
const CHUNK = 5_000;
const WORKER = fileURLToPath(new URL('./pipeline/stream-worker.ts', import.meta.url));

/** The number of deliveries of each id. */
const given = new Uint8Array(EVENTS);
let stored = 0;
const startMs = performance.now();

const redis = await startOwnServer('redis');
const database = await testDatabase({ schema: SCHEMA, migrations: outboxMigrations });
await prepareDatabase({ ...database, schema: eventsSchema.schema });
await migrate({ ...database, ...eventsSchema });
const pool = createPool({ url: database.appUrl, schema: SCHEMA, applicationName: 'stream-loss', poolMax: 2 });
try {
  await produce();
  say(`${EVENTS} events are committed`);
  const { kills, flushed } = await carry();
  report(kills, flushed, await countRows());
} finally {
  await pool.end();
  await database.drop();
  await redis.discard();
}

async function produce(): Promise<void> {
  for (let first = 0; first < EVENTS; first += CHUNK) {
    const ids = Array.from({ length: Math.min(CHUNK, EVENTS - first) }, (_, index) => first + index);
    await insertOutbox(pool, ids.map(eventOf));
  }
}

function eventOf(id: number): OutboxEvent {
  const key = `order-${id % 10_000}`;
  const data = { orderId: key, market: 'market-1' };
  return { id: String(id), topic: TOPIC, type: 'OrderFulfilled', tenant: 'default', key, traceparent: '', data };
}

/** Lets a process relay and handle them, injects faults on the way, and waits until nothing is left. */
async function carry(): Promise<{ kills: number; flushed: number }> {
  let worker = startWorker();
  let kills = 0;
  let flushed = 0;
  for (const [share, harm] of [[0.2, 'kill'], [0.45, 'flush'], [0.7, 'kill']] as const) {
    await until(() => stored >= EVENTS * share);
    if (harm === 'flush') {
      flushed = await flush();
      say(`${stored} stored: FLUSHALL, with ${flushed} entries in the streams`);
    } else {
      kills += 1;
      worker.kill('SIGKILL');
      say(`${stored} stored: kill -9 of relay and pipeline`);
      worker = startWorker();
    }
  }
  await until(async () => (await countRows()).acknowledged === EVENTS);
  worker.send('stop');
  await new Promise((resolve) => worker.once('exit', resolve));
  return { kills, flushed };
}

function startWorker(): ChildProcess {
  const plan: WorkerPlan = { databaseUrl: database.appUrl, redisUrl: redis.url };
  const worker = fork(WORKER, [JSON.stringify(plan)]);
  worker.on('message', ({ batch, ids }: Stored) => {
    for (const id of ids) {
      if (given[id] === 0) stored += 1;
      given[id] = Math.min(255, (given[id] as number) + 1);
    }
    // A killed process needs no answer.
    worker.send(batch, () => undefined);
  });
  return worker;
}

async function flush(): Promise<number> {
  const client = new Redis(redis.url);
  const streams = await client.keys('events:*');
  const lengths = await Promise.all(streams.map((stream) => client.xlen(stream)));
  await client.flushall();
  client.disconnect();
  return lengths.reduce((sum, length) => sum + length, 0);
}

interface Rows {
  readonly produced: number;
  readonly acknowledged: number;
  readonly dead: readonly number[];
}

async function countRows(): Promise<Rows> {
  const { rows } = await pool.query<Rows>(
    `SELECT (SELECT coalesce(sum(position), 0)::int FROM outbox_partition) AS produced,
       (SELECT coalesce(sum(position), 0)::int FROM events.checkpoint WHERE consumer = $1) AS acknowledged,
       (SELECT coalesce(array_agg(event_id::int), '{}') FROM events.dead_letter WHERE consumer = $1) AS dead`,
    [CONSUMER],
  );
  return rows[0] as Rows;
}

function report(kills: number, flushed: number, { produced, acknowledged, dead }: Rows): void {
  const ids = new Set(dead);
  let [missing, both, duplicates] = [0, 0, 0];
  for (let id = 0; id < EVENTS; id += 1) {
    const times = given[id] as number;
    if (times === 0 && !ids.has(id)) missing += 1;
    if (times > 0 && ids.has(id)) both += 1;
    duplicates += Math.max(0, times - 1);
  }
  const poison = Array.from({ length: EVENTS }, (_, id) => id).filter(isPoison).length;
  const isWhole = stored + ids.size === EVENTS && ids.size === poison && missing === 0 && both === 0;
  const isConfirmed = produced === EVENTS && acknowledged === EVENTS;
  const figure = (count: number): string => count.toLocaleString('en-GB').padStart(12);
  console.log([
    `produced, as rows              ${figure(EVENTS)}`,
    `given a position by the relay  ${figure(produced)}`,
    `acknowledged, by checkpoints   ${figure(acknowledged)}`,
    `stored by the sink, distinct   ${figure(stored)}`,
    `dead letters, distinct         ${figure(ids.size)}`,
    `in both                        ${figure(both)}`,
    `missing                        ${figure(missing)}`,
    `duplicates recognised by sink  ${figure(duplicates)}`,
    `processes killed               ${figure(kills)}`,
    `entries lost by the FLUSHALL   ${figure(flushed)}`,
    `seconds                        ${figure(Math.round((performance.now() - startMs) / 1_000))}`,
  ].join('\n'));
  console.log(`\nproduced = stored + dead letters, each id in exactly one of them: ${isWhole ? 'met' : 'MISSED'}`);
  console.log(`positions and checkpoints agree: ${isConfirmed ? 'met' : 'MISSED'}`);
  if (flags.json) {
    writeFileSync(flags.json, JSON.stringify({ stored, dead: ids.size, both, missing, kills, flushed, isWhole, isConfirmed }));
  }
  if (!isWhole || !isConfirmed) process.exitCode = 1;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
}

function say(fact: string): void {
  console.log(`${((performance.now() - startMs) / 1_000).toFixed(1).padStart(6)} s  ${fact}`);
}

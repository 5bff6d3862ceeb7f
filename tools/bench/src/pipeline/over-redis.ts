// The same jobs, added to Redis and processed: through a pipeline over Redis Streams, and by BullMQ. Both add a
// thousand at a time, and both are notified by the handler of the last one.
import { ensureInfra } from '@aisle/dev';
import { BackboneSource, eventsSchema, RedisBackbone, Seals, type Publication } from '@aisle/events';
import { createPool, migrate, prepareDatabase } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { Pipeline } from '@aisle/pipeline';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { System } from '@aisle/supervision';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { BenchRun } from '../harness.ts';

const TOPIC = 'bench-orders';
const PARTITIONS = 4;
const CHUNK = 1_000;
const DATA = { orderId: 'order-1', market: 'market-1' };

/** A run whose `operate` enqueues jobs, and resolves with their number once as many are processed. */
type Runner = BenchRun & { operate(): Promise<number> };

/** Adds and processes `jobs` at each call, acknowledged by the position up to which everything is settled. */
export async function throughPipeline(jobs: number): Promise<Runner> {
  const { redisUrl } = await ensureInfra();
  const database = await testDatabase({ schema: 'bench', migrations: [] });
  await prepareDatabase({ ...database, schema: eventsSchema.schema });
  await migrate({ ...database, ...eventsSchema });
  const seals = await sealsOf(database);
  const keyPrefix = `bench-${uuidv7(runtime)}:`;
  const backbone = new RedisBackbone({ url: redisUrl, keyPrefix, runtime, partitions: PARTITIONS });
  const source = new BackboneSource({
    name: 'bench', topics: [TOPIC], backbone, runtime,
    database: { url: database.appUrl, applicationName: 'bench' },
    bufferMax: 10_000,
  });
  source.start();
  const done = new Countdown();
  const pipeline = new Pipeline(runtime, {
    source: source.open, maxDemand: 1_000,
    process: () => undefined,
    hooks: { onAcknowledged: (events) => done.count(events) },
  });
  const root = await new System(runtime, { hooks: {} }).start(pipeline.childSpec());
  const places = Array.from({ length: PARTITIONS }, () => 0);
  return {
    operate: async () => {
      const all = done.wait(jobs);
      const publications = Array.from({ length: jobs / CHUNK }, (_, chunk) => chunkFor(chunk % PARTITIONS, places, seals));
      for (const publication of publications) await backbone.publish([publication]);
      await all;
      return jobs;
    },
    close: async () => {
      await root.stop();
      await source.stop();
      await backbone.close();
      await forget(redisUrl, keyPrefix, database);
    },
  };
}

/** The same by BullMQ, whose jobs are deleted when they are done. */
export async function throughBullmq(jobs: number): Promise<Runner> {
  const { redisUrl } = await ensureInfra({ needs: ['redis'] });
  const connect = (): Redis => new Redis(redisUrl, { maxRetriesPerRequest: null });
  const connections = [connect(), connect()];
  const prefix = `bench-${uuidv7(runtime)}`;
  const queue = new Queue('orders', { prefix, connection: connections[0]! });
  const done = new Countdown();
  const worker = new Worker('orders', async () => undefined, { prefix, connection: connections[1]!, concurrency: 100 });
  worker.on('completed', () => done.count(1));
  const add = { name: 'order', data: DATA, opts: { removeOnComplete: true } };
  const chunk = Array.from({ length: CHUNK }, () => add);
  return {
    operate: async () => {
      const all = done.wait(jobs);
      for (let added = 0; added < jobs; added += CHUNK) await queue.addBulk(chunk);
      await all;
      return jobs;
    },
    close: async () => {
      await worker.close();
      await queue.obliterate({ force: true });
      await queue.close();
      for (const connection of connections) connection.disconnect();
    },
  };
}

async function sealsOf({ appUrl: url }: TestDatabase): Promise<Seals> {
  const pool = createPool({ url, schema: eventsSchema.schema, applicationName: 'bench', poolMax: 1 });
  const seals = await Seals.load(pool);
  await pool.end();
  return seals;
}

function chunkFor(partition: number, places: number[], seals: Seals): Publication {
  const before = places[partition] as number;
  places[partition] = before + CHUNK;
  const entries = Array.from({ length: CHUNK }, (_, at) => {
    const key = `order-${before + at}`;
    const event = { id: uuidv7(runtime), type: 'OrderFulfilled', tenant: 'default', key, traceparent: '', data: DATA };
    const entry = { key, position: before + at + 1, body: JSON.stringify(event) };
    return { ...entry, seal: seals.of({ topic: TOPIC, partition }, entry) };
  });
  return { topic: TOPIC, partition, floor: 0, entries };
}

async function forget(redisUrl: string, keyPrefix: string, database: TestDatabase): Promise<void> {
  const redis = new Redis(redisUrl);
  const keys = await redis.keys(`${keyPrefix}*`);
  if (keys.length > 0) await redis.del(keys);
  redis.disconnect();
  await database.drop();
}

/** Resolves a promise once that many more have been counted. */
class Countdown {
  private left = 0;
  private resolve = (): void => undefined;

  wait(count: number): Promise<void> {
    this.left = count;
    return new Promise((resolve) => (this.resolve = resolve));
  }

  count(done: number): void {
    this.left -= done;
    if (this.left === 0) this.resolve();
  }
}

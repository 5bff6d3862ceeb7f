// The process that `stream-loss.ts` kills: the relay of an outbox, and a pipeline over Redis Streams behind it, whose
// consumers also crash and repeat work. Its sink is the parent process.
import { BackboneSource, OutboxRelay, RedisBackbone, type ReceivedEvent } from '@aisle/events';
import { Faults, Pipeline } from '@aisle/pipeline';
import { systemRuntime as runtime } from '@aisle/std';
import { System } from '@aisle/supervision';

export const TOPIC = 'losses';
export const CONSUMER = 'sink';
export const SCHEMA = 'losses';

/** The parameters of the process. */
export interface WorkerPlan {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** Ids for the sink, which answers with the number of the batch. */
export interface Stored {
  readonly batch: number;
  readonly ids: readonly number[];
}

const POISON_EVERY = 10_000;
const ATTEMPTS_MAX = 4;

/** True for an event that cannot be processed and must end among the dead letters. */
export function isPoison(id: number): boolean {
  return id % POISON_EVERY === POISON_EVERY - 1;
}

async function work({ databaseUrl, redisUrl }: WorkerPlan): Promise<void> {
  const backbone = new RedisBackbone({ url: redisUrl, keyPrefix: '', runtime });
  const database = { url: databaseUrl, schema: SCHEMA, applicationName: 'stream-worker' };
  const relay = new OutboxRelay({ database, backbone, runtime, keepFor: { [TOPIC]: [CONSUMER] } });
  const source = new BackboneSource({ name: CONSUMER, topics: [TOPIC], backbone, database, runtime, bufferMax: 5_000, leaseMs: 1_500 });
  const pipeline = new Pipeline<ReceivedEvent>(runtime, {
    source: source.open,
    processors: 8,
    maxDemand: 1_000,
    partitionBy: ({ event }) => event.key,
    faults: new Faults([
      { at: 'consumer', kind: 'crash', probability: 0.01, seed: 1 },
      { at: 'consumer', kind: 'duplicate', probability: 0.01, seed: 2 },
    ]),
    process: (events) => {
      const ids = events.map(({ event }) => Number(event.id));
      if (ids.some(isPoison)) throw new Error('this event cannot be processed');
      return store(ids);
    },
    retry: { backoffMs: 10, attemptsMax: ATTEMPTS_MAX, deadLetter: (event, attempts) => source.deadLetter(event, attempts) },
  });
  relay.start();
  source.start();
  const root = await new System(runtime, { hooks: {} }).start(pipeline.childSpec());
  await new Promise<void>((resolve) => process.on('message', (message) => message === 'stop' && resolve()));
  await root.stop();
  await source.stop();
  await relay.stop();
  await backbone.close();
  process.disconnect();
}

const waiting = new Map<number, () => void>();
let batches = 0;

/** Resolves once the sink has counted them. */
function store(ids: readonly number[]): Promise<void> {
  batches += 1;
  process.send?.({ batch: batches, ids } satisfies Stored);
  return new Promise((resolve) => void waiting.set(batches, resolve));
}

if (process.argv[1]?.includes('stream-worker')) {
  process.on('message', (batch) => {
    if (typeof batch !== 'number') return;
    waiting.get(batch)?.();
    waiting.delete(batch);
  });
  await work(JSON.parse(process.argv[2] as string) as WorkerPlan);
}

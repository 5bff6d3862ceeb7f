import { ensureInfra } from '@aisle/dev';
import { Pipeline } from '@aisle/pipeline';
import { systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { System } from '@aisle/supervision';
import { Redis } from 'ioredis';
import type { ReceivedEvent } from '../consumer/received-event.ts';
import { BackboneSource } from '../pipeline/backbone.source.ts';
import { EventWorld, keysOf, orders } from '../testing/event-world.ts';
import { RedisBackbone } from './redis-backbone.ts';

const PARTITIONS = 4;
const EVENT = { id: 'forged', type: 'OrderConfirmed', schemaVersion: 1, tenant: 'default', key: 'forged', at: '', traceparent: '', data: {} };
const named = (name: string): string => JSON.stringify({ ...EVENT, id: name, type: name, key: name });

/** Bodies that no relay has published, with their expected dead letters. */
const BODIES: [what: string, body: string | Buffer, letter: object][] = [
  ['U+0000', '\0', { body: '\\u0000', isEscaped: true }],
  ['no JSON', '{garbage', { body: '{garbage', isEscaped: false }],
  ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x00, 0x7d]), { body: '{\\xff\\u0000}', isEscaped: true }],
  ['nothing', '', { body: '' }],
  ['JSON that is no event', '[]', { body: '[]', key: null }],
  ['null', 'null', { body: 'null', key: null }],
  ['an event without a key', JSON.stringify({ ...EVENT, key: null }), { eventId: null, key: null }],
  ['an event with U+0000 in its names', named('a\0'), { body: named('a\0'), isEscaped: false, eventId: 'a\\u0000', key: 'a\\u0000' }],
  ['an event whose names are no text', JSON.stringify({ ...EVENT, id: {}, type: 5 }), { eventId: null, type: null, key: 'forged' }],
  ['an event that looks like any other', JSON.stringify(EVENT), { eventId: 'forged', type: 'OrderConfirmed', key: 'forged' }],
  ['much', 'x'.repeat(3_000_000), { body: 'x'.repeat(65_536), error: expect.stringContaining('65536 of 3000000') }],
];

describe("somebody else's entry in a stream", () => {
  let redis: Redis;
  let keyPrefix: string;
  let world: EventWorld;
  let handled: ReceivedEvent[];

  beforeAll(async () => {
    const { redisUrl: url } = await ensureInfra({ needs: ['redis'] });
    keyPrefix = `test-${uuidv7(runtime)}:`;
    redis = new Redis(url);
    world = await EventWorld.make(new RedisBackbone({ url, keyPrefix, runtime, partitions: PARTITIONS }));
  });
  beforeEach(() => {
    world.turnOver();
    handled = [];
  });
  afterEach(() => world.stopAll());
  afterAll(async () => {
    redis.disconnect();
    await world.end();
  });

  it.each(BODIES)('with %s replaces no event, and becomes a dead letter', async (_what, body, letter) => {
    await began(40);

    await forEachStream(async (key) => redis.xadd(key, await nextIdOf(key), 'event', body));
    await goesOn(40);

    const letters = await lettersOf();
    expect(letters).toMatchObject(Array(PARTITIONS).fill({ code: 'StrayEntry', isStray: true, ...letter }));
    expect(world.of('dead')).toHaveLength(PARTITIONS);
  });

  it.each<[what: string, write: (key: string) => Promise<unknown>]>([
    ['an id from the clock', (key) => redis.xadd(key, '*', 'event', 'null')],
    ['the highest id there is', (key) => redis.xadd(key, '18446744073709551615-1', 'event', 'null')],
    ['other fields', async (key) => redis.xadd(key, await nextIdOf(key), 'foo', 'bar', 'event', 'null')],
    ['a seal of its own', async (key) => redis.xadd(key, await nextIdOf(key), 'event', JSON.stringify(EVENT), 'seal', 'mine')],
    ['the seal of another place', async (key) => redis.xadd(key, await nextIdOf(key), ...(await lastOf(key)))],
  ])('with %s replaces no event either', async (_what, write) => {
    await began(40);

    await forEachStream(write);
    await goesOn(40);

    expect(await lettersOf()).toHaveLength(PARTITIONS);
  });

  it('replaces no event when there are many strays between many events', async () => {
    await began(40);

    for (let round = 0; round < 5; round += 1) {
      await forEachStream(async (key) => {
        for (const [, body] of BODIES.slice(0, 7)) await redis.xadd(key, await nextIdOf(key), 'event', body).catch(() => undefined);
      });
      await world.produce(orders(20).map((order) => `round ${round} ${order}`));
    }
    await world.settled();

    expect(new Set(keysOf(handled)).size).toBe(40 + 5 * 20);
    expect(handled).toHaveLength(40 + 5 * 20);
  });

  it('is not the start of a new consumer', async () => {
    await forEachStream((key) => redis.xadd(key, '*', 'event', 'null'));
    listen();
    world.relay();

    await world.produce(orders(40));
    await world.settled();

    expect(keysOf(handled).sort()).toEqual(orders(40).sort());
  });

  it('in the place of the first event, with more events behind it, is not the start of a new consumer', async () => {
    await forEachStream((key) => redis.xadd(key, '1-0', 'event', 'null'));
    await world.produce(orders(40));
    listen();
    world.relay();
    await world.settled();

    expect(keysOf(handled).sort()).toEqual(orders(40).sort());
  });

  it('that is not a stream is deleted', async () => {
    await began(40);

    await forEachStream(async (key) => {
      await redis.del(key);
      await redis.set(key, 'a text');
    });
    await goesOn(40);
  });

  it('reaches no pipeline, and holds up no source', async () => {
    const source = new BackboneSource({
      name: world.consumer, topics: [world.topic], backbone: world.backbone, runtime, leaseMs: 1_000,
      database: { url: world.database.appUrl, applicationName: 'test-source' },
    });
    const pipeline = new Pipeline<ReceivedEvent>(runtime, {
      source: source.open, process: (events) => void handled.push(...events),
      retry: { deadLetter: (event, attempts) => source.deadLetter(event, attempts) },
    });
    const root = await new System(runtime, { hooks: {} }).start(pipeline.childSpec());
    source.start();
    world.relay();
    await world.produce(orders(40));
    await eventually(() => expect(handled).toHaveLength(40));

    await forEachStream(async (key) => redis.xadd(key, await nextIdOf(key), 'event', '\0'));
    await goesOn(40);

    expect(await lettersOf()).toHaveLength(PARTITIONS);
    await world.deadLetters.redrive({ consumer: world.consumer });
    await eventually(async () =>
      expect(await lettersOf()).toMatchObject(Array(PARTITIONS).fill({ redriven: false, isStray: true, attempts: 2 })));
    await root.stop();
    await source.stop();
  });

  function listen(): void {
    world.consume({ handle: async (events) => void handled.push(...events) });
  }

  /** This many events are handled, some of each partition. */
  async function began(count: number): Promise<void> {
    listen();
    world.relay();
    await world.produce(orders(count));
    await eventually(() => expect(handled).toHaveLength(count));
  }

  /** Publishes as many more orders, and expects each to be handled once. */
  async function goesOn(count: number): Promise<void> {
    const later = orders(count).map((key) => `later-${key}`);
    await world.produce(later);
    await world.settled();
    expect(keysOf(handled).sort()).toEqual([...orders(count), ...later].sort());
  }

  async function lettersOf(): Promise<unknown[]> {
    return eventually(async () => {
      const letters = await world.deadLetters.list({ consumer: world.consumer });
      expect(letters.length).toBeGreaterThanOrEqual(PARTITIONS);
      return letters;
    });
  }

  async function forEachStream(run: (key: string) => Promise<unknown>): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition += 1) await run(`${keyPrefix}events:{${world.topic}}:${partition}`);
  }

  async function nextIdOf(key: string): Promise<string> {
    // A stream that is being recreated does not exist for a moment.
    const info = (await redis.xinfo('STREAM', key).catch(() => ['last-generated-id', '0-0'])) as unknown[];
    const last = String(info[info.indexOf('last-generated-id') + 1]);
    return `${Number.parseInt(last, 10) + 1}-0`;
  }

  /** The fields of the last entry. */
  async function lastOf(key: string): Promise<[string, ...string[]]> {
    const [entry] = await redis.xrevrange(key, '+', '-', 'COUNT', 1);
    return (entry as [string, string[]])[1] as [string, ...string[]];
  }
});

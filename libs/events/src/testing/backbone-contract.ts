import { systemRuntime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import type { Backbone } from '../backbone/backbone.ts';
import type { ReceivedEvent } from '../consumer/received-event.ts';
import { insertInbox } from '../inbox/insert-inbox.ts';
import { insertOutbox } from '../outbox/insert-outbox.ts';
import { describeConsumers } from './consumer-contract.ts';
import { EventWorld, keysOf, orders, sum } from './event-world.ts';
import { describeSources } from './source-contract.ts';

/** A backbone under test. */
export interface BackboneUnderTest {
  readonly backbone: Backbone;
  /** Removes everything that the backbone holds of the topic. */
  readonly lose: (topic: string) => Promise<void>;
}

/** The contract of every backbone, together with the outbox before it and the consumers after it. */
export function describeBackbone(open: () => Promise<BackboneUnderTest>): void {
  let kind: BackboneUnderTest;
  let world: EventWorld;

  beforeAll(async () => {
    kind = await open();
    world = await EventWorld.make(kind.backbone);
  });
  beforeEach(() => world.turnOver());
  afterEach(() => world.stopAll());
  afterAll(() => world.end());

  describeConsumers(() => world);
  describeSources(() => ({ world, lose: kind.lose }));

  describe('events on their way', () => {
    it('keep the order of their key, and of their partition', async () => {
      const handled: ReceivedEvent[] = [];
      const keys = Array.from({ length: 2_000 }, (_, index) => `order-${index % 50}`);
      world.relay();
      world.consume({ handle: async (events) => void handled.push(...events) });

      for (let first = 0; first < keys.length; first += 400) await world.produce(keys.slice(first, first + 400), counter());
      await eventually(() => expect(handled).toHaveLength(keys.length));

      for (const key of new Set(keys)) {
        const ids = handled.filter(({ event }) => event.key === key).map(({ event }) => event.id);
        expect(ids).toEqual([...ids].sort());
      }
      expect(new Set(handled.map(({ partition }) => partition)).size).toBe(kind.backbone.partitions);
    });

    it('wait for a late consumer', async () => {
      world.relay();
      await world.produce(orders(100));
      await eventually(async () => expect((await world.logged()).flat()).toHaveLength(100));
      const handled: string[] = [];

      world.consume({ handle: async (events) => void handled.push(...keysOf(events)) });

      await eventually(() => expect(handled.sort()).toEqual(orders(100).sort()));
    });

    it('reach a consumer that started before them', async () => {
      const handled: string[] = [];
      world.consume({ handle: async (events) => void handled.push(...keysOf(events)) });
      await eventually(() => expect(world.of('acquired')).toHaveLength(kind.backbone.partitions));

      world.relay();
      await world.produce(orders(10));

      await eventually(() => expect(handled.sort()).toEqual(orders(10).sort()));
    });

    it('are published only if their transaction commits', async () => {
      const handled: string[] = [];
      world.relay();
      world.consume({ handle: async (events) => void handled.push(...keysOf(events)) });
      const client = await world.pool.connect();

      await client.query('BEGIN');
      await insertOutbox(client, [world.event('never', uuidv7(systemRuntime))]);
      await client.query('ROLLBACK');
      client.release();
      await world.produce(['ever']);

      await eventually(() => expect(handled).toEqual(['ever']));
    });

    it('leave the log when every consumer has passed them', async () => {
      const handled: string[] = [];
      const handle = async (events: readonly ReceivedEvent[]): Promise<void> => void handled.push(...keysOf(events));
      world.relay();
      world.consume({ handle });
      world.consume({ handle, name: `${world.consumer}-other` });

      await world.produce(orders(300));
      await eventually(() => expect(handled).toHaveLength(600));
      await eventually(async () => expect(await world.logged()).toEqual([]));

      expect(handled.sort()).toEqual([...orders(300), ...orders(300)].sort());
    });
  });

  describe('a duplicate', () => {
    it('is handled once if the inbox is used, however often it is produced', async () => {
      let applied = 0;
      world.relay();
      world.consume({
        handle: async (events) => {
          const ids = events.map(({ event }) => event.id);
          const fresh = await insertInbox(world.pool, world.consumer, ids);
          applied += fresh.size;
        },
      });
      const ids = Array.from({ length: 200 }, () => uuidv7(systemRuntime));

      for (const _ of [1, 2, 3]) await insertOutbox(world.pool, ids.map((id) => world.event(`order-${id}`, id)));
      await world.settled();

      expect(applied).toBe(200);
    });

    it('of a relay that died before it recorded its publication is not delivered again', async () => {
      const handled: string[] = [];
      const relay = world.relay();
      world.consume({ handle: async (events) => void handled.push(...keysOf(events)) });
      await world.produce(orders(100));
      await eventually(() => expect(handled).toHaveLength(100));

      await world.stop(relay);
      await world.pool.query('UPDATE outbox_partition SET published = 0 WHERE topic = $1', [world.topic]);
      world.relay();
      await world.produce(['after']);
      await eventually(() => expect(handled).toHaveLength(101));

      expect(handled.at(-1)).toBe('after');
    });
  });

  describe('an event that the backbone loses', () => {
    it('is published again, with all events lost', async () => {
      const slow = slowConsumer();
      await world.produce(orders(6_000));
      await slow.isBehind(6_000);

      await kind.lose(world.topic);
      slow.goOn();
      await world.produce(['after']);
      await world.settled();

      expect(slow.handled.size).toBe(6_001);
    });

    it('is published again, with some of the next events lost', async () => {
      const slow = slowConsumer();
      await world.produce(orders(6_000));
      await slow.isBehind(6_000);

      // As an operator would trim a stream to free memory.
      for (let partition = 0; partition < kind.backbone.partitions; partition += 1) {
        await kind.backbone.trim(world.topic, partition, 1_200);
      }
      slow.goOn();
      await world.settled();

      expect(slow.handled.size).toBe(6_000);
    });

    /** Handles a hundred events, then holds a few more, and waits. */
    function slowConsumer(): { handled: Set<string>; isBehind: (count: number) => Promise<void>; goOn: () => void } {
      const handled = new Set<string>();
      let goOn = (): void => {};
      const goesOn = new Promise<void>((resolve) => (goOn = resolve));
      world.relay();
      world.consume({
        batchMax: 10,
        bufferMax: 50,
        handle: async (events) => {
          if (handled.size > 100) await goesOn;
          for (const key of keysOf(events)) handled.add(key);
        },
      });
      const isBehind = (count: number): Promise<void> =>
        eventually(() => expect(sum(world.of('published').map((event) => event.count))).toBeGreaterThanOrEqual(count));
      return { handled, isBehind, goOn };
    }
  });
}

/** Rising ids that sort in the order of their making. */
function counter(): () => string {
  const start = uuidv7(systemRuntime);
  let count = 0;
  return () => `${start}-${String((count += 1)).padStart(9, '0')}`;
}

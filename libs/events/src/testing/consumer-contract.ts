import { eventually } from '@aisle/std/testing';
import { CheckpointRepository } from '../consumer/checkpoint.repository.ts';
import { insertInbox } from '../inbox/insert-inbox.ts';
import { insertOutbox } from '../outbox/insert-outbox.ts';
import { keysOf, mortalRuntime, orders, sum } from './event-world.ts';
import type { EventWorld } from './event-world.ts';

/** The contract of consumers, for every backbone. */
export function describeConsumers(made: () => EventWorld): void {
  let world: EventWorld;
  beforeAll(() => void (world = made()));

  describe('a consumer', () => {
    it('gets many events at once', async () => {
      const sizes: number[] = [];
      await world.produce(orders(1_000));
      world.consume({ handle: async (events) => void sizes.push(events.length), batchMax: 200 });

      world.relay();

      await eventually(() => expect(sum(sizes)).toBe(1_000));
      expect(sizes.length).toBeLessThan(50);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(200);
    });

    it('that dies in the middle of a batch is replaced by another one, which repeats it', async () => {
      const [first, second]: [string[], string[]] = [[], []];
      const mortal = mortalRuntime();
      world.relay();
      await world.produce(orders(400));
      const dying = world.consume({
        runtime: mortal.runtime,
        batchMax: 20,
        handle: async (events) => {
          if (first.length >= 100) mortal.die();
          if (mortal.isDead()) return new Promise(() => {});
          first.push(...keysOf(events));
        },
      });
      await eventually(() => expect(mortal.isDead()).toBe(true));
      world.abandon(dying);

      world.consume({ handle: async (events) => void second.push(...keysOf(events)) });
      await world.settled();

      expect(new Set([...first, ...second]).size).toBe(400);
      expect(second.length).toBeGreaterThanOrEqual(300);
    });

    it('shares its partitions with another process, and takes them all when that one stops', async () => {
      const other = world.consume({ handle: async () => {} });
      const one = world.consume({ handle: async () => {} });
      const half = world.backbone.partitions / 2;
      await eventually(() => expect([one.state.length, other.state.length]).toEqual([half, half]));

      await world.stop(other);

      await eventually(() => expect(one.state).toHaveLength(2 * half));
    });

    it('never falls back behind a saved position, whichever process saves', async () => {
      const seen: number[][] = [];
      world.relay();
      const consumer = world.consume({ handle: async () => {}, batchMax: 10 });
      for (const _ of [1, 2, 3, 4, 5]) {
        await world.produce(orders(100));
        seen.push(await world.positions());
      }
      await world.settled();
      const reached = await world.positions();
      await world.stop(consumer);

      const stale = new CheckpointRepository(world.bookkeeping, world.consumer, 'stale');
      await stale.save(reached.map((_, partition) => ({ topic: world.topic, partition, position: 1, resumeAt: null })));

      expect(await world.positions()).toEqual(reached);
      for (const [later, earlier] of [...seen, reached].slice(1).map((now, index) => [now, seen[index] ?? []])) {
        for (const [partition, position] of (earlier ?? []).entries()) {
          expect(later?.[partition]).toBeGreaterThanOrEqual(position);
        }
      }
    });

    it('goes on when a dependency comes back, without dead letters', async () => {
      let refusals = 0;
      const handled: string[] = [];
      world.relay();
      world.consume({
        attemptsMax: 2,
        handle: async (events) => {
          if ((refusals += 1) <= 6) throw Object.assign(new Error('away'), { kind: 'unavailable', code: 'x.away', details: {} });
          handled.push(...keysOf(events));
        },
      });

      await world.produce(orders(50));
      await world.settled();

      expect(handled.sort()).toEqual(orders(50).sort());
      expect(world.of('held').length).toBeGreaterThan(0);
      expect(await world.deadLetters.list({ consumer: world.consumer })).toEqual([]);
    });
  });

  describe('a poisonous event', () => {
    it('parks its key, and no other key of its partition', async () => {
      let isCured = false;
      const handled: string[] = [];
      world.relay();
      world.consume({
        attemptsMax: Infinity,
        handle: async (events) => {
          if (!isCured && events.some(({ event }) => event.key === 'sick')) throw new TypeError('cannot be');
          handled.push(...events.map(({ event }) => `${event.key}/${event.id}`));
        },
      });
      await insertOutbox(world.pool, ['1', '2', '3'].map((id) => world.event('sick', id)));
      await eventually(() => expect(world.of('parked')).not.toEqual([]));

      await world.produce(orders(200));
      await eventually(() => expect(handled).toHaveLength(200));
      expect(handled.filter(isSick)).toEqual([]);
      isCured = true;
      await world.settled();

      expect(handled.filter(isSick)).toEqual(['sick/1', 'sick/2', 'sick/3']);
    });

    it('is a dead letter after its attempts, and its key goes on', async () => {
      const handled: string[] = [];
      let attempts = 0;
      world.relay();
      world.consume({
        attemptsMax: 4,
        handle: async (events) => {
          if (events.length === 1 && events[0]?.event.id === 'poison') attempts += 1;
          if (events.some(({ event }) => event.id === 'poison')) throw new TypeError('cannot be');
          handled.push(...events.map(({ event }) => `${event.key}/${event.id}`));
        },
      });

      await insertOutbox(world.pool, ['1', 'poison', '2', '3'].map((id) => world.event('sick', id)));
      await world.settled();

      expect(handled).toEqual(['sick/1', 'sick/2', 'sick/3']);
      expect(attempts).toBe(4);
      expect(await world.deadLetters.list({ consumer: world.consumer })).toMatchObject([{ eventId: 'poison' }]);
    });

    it('is listed by its handler, and no other event is handled twice because of it', async () => {
      const handled: string[] = [];
      world.relay();
      world.consume({
        attemptsMax: 2,
        handle: async (events) => {
          const failed = events.filter(({ event }) => event.key.endsWith('7'));
          handled.push(...keysOf(events.filter((event) => !failed.includes(event))));
          return { failed: failed.map((received) => ({ received, error: new RangeError('seven') })) };
        },
      });

      await world.produce(orders(300));
      await world.settled();

      expect(handled.sort()).toEqual(orders(300).filter((key) => !key.endsWith('7')).sort());
      expect(await world.deadLetters.list({ consumer: world.consumer })).toHaveLength(30);
    });

    it('is listed, grouped, and handled after a redrive', async () => {
      let isCured = false;
      const handled: string[] = [];
      world.relay();
      world.consume({
        attemptsMax: 1,
        handle: async (events) => {
          if (!isCured && events.some(({ event }) => event.key === 'sick')) throw new TypeError('cannot be');
          handled.push(...keysOf(events));
        },
      });
      await world.produce(['sick', 'well', 'sick']);
      await world.settled();
      const of = { consumer: world.consumer };

      expect(await world.deadLetters.list(of)).toMatchObject([
        { topic: world.topic, type: 'OrderFulfilled', key: 'sick', code: 'TypeError', error: 'cannot be', attempts: 1 },
        { key: 'sick' },
      ]);
      expect(await world.deadLetters.groups(of)).toMatchObject([{ type: 'OrderFulfilled', code: 'TypeError', count: 2 }]);
      isCured = true;
      expect(await world.deadLetters.redrive(of)).toBe(2);

      await eventually(async () => expect(await world.deadLetters.list(of)).toEqual([]));
      expect(handled.sort()).toEqual(['sick', 'sick', 'well']);
    });

    it('that fails its redrive stays a dead letter', async () => {
      world.relay();
      world.consume({ attemptsMax: 1, handle: () => Promise.reject(new TypeError('cannot be')) });
      await world.produce(['sick']);
      await world.settled();
      const of = { consumer: world.consumer };

      await world.deadLetters.redrive(of);

      await eventually(async () =>
        expect(await world.deadLetters.list(of)).toMatchObject([{ attempts: 2, redriven: false }]),
      );
    });

    it('that PostgreSQL refuses is found among hundreds, each of which has its effect once', async () => {
      const calls: number[] = [];
      world.consume({
        attemptsMax: 2,
        handle: async (events) => {
          calls.push(events.length);
          await insertInbox(world.pool, world.consumer, events.map(({ event }) => event.id));
        },
      });
      const ids = Array.from({ length: 400 }, (_, index) => (index === 271 ? 'zero \0 byte' : `${world.topic}-${index}`));

      await world.publish(ids.map((id) => JSON.stringify(world.event(`order-${id}`, id))));

      await eventually(async () =>
        expect(await world.deadLetters.list({ consumer: world.consumer })).toMatchObject([{ position: 272, attempts: 2 }]));
      const { rows } = await world.pool.query<{ id: string }>('SELECT id FROM inbox WHERE consumer = $1', [world.consumer]);
      expect(rows.map(({ id }) => id).sort()).toEqual(ids.filter((id) => id.startsWith(world.topic)).sort());
      expect(calls.filter((size) => size === 1).length).toBeLessThan(10);
    });

    it.each<[what: string, body: string, letter: object]>([
      ['no JSON', '{"torn', { body: '{"torn', isEscaped: false, eventId: null, code: 'SyntaxError' }],
      ['U+0000', '{"key":"\0"}', { body: '{"key":"\\u0000"}', isEscaped: true, eventId: null }],
      ['JSON that is no event', 'null', { body: 'null', eventId: null, code: 'TypeError' }],
      ['names with U+0000', named('\0'), { body: named('\0'), isEscaped: false, eventId: '\\u0000', type: '\\u0000', key: '\\u0000' }],
      ['names with half a surrogate', named('\ud800'), { body: named('\ud800'), eventId: '\\ud800', key: '\\ud800' }],
      ['an id that is no text', JSON.stringify({ id: {}, type: 5, key: 'k' }), { eventId: null, type: null, key: 'k' }],
    ])('with %s is stored as a dead letter, and its partition goes on', async (_what, body, letter) => {
      const handled: string[] = [];
      world.consume({
        attemptsMax: 2,
        handle: async (events) => {
          if (events.some(({ event }) => event.key !== 'well')) throw new Error('cannot be: \0 \ud800');
          handled.push(...keysOf(events));
        },
      });
      await world.publish([body, JSON.stringify(world.event('well', '2')), body, JSON.stringify(world.event('well', '4'))]);

      await eventually(async () =>
        expect(await world.deadLetters.list({ consumer: world.consumer })).toMatchObject([
          { position: 1, isStray: false, ...letter }, { position: 3, isStray: false, ...letter },
        ]),
      );
      await eventually(() => expect(handled).toEqual(['well', 'well']));
      await world.deadLetters.redrive({ consumer: world.consumer });
      await eventually(async () =>
        expect(await world.deadLetters.list({ consumer: world.consumer })).toMatchObject([
          { ...letter, redriven: false }, { ...letter, redriven: false },
        ]),
      );
    });
  });
}

function named(name: string): string {
  return JSON.stringify({ id: name, type: name, key: name });
}

function isSick(handled: string): boolean {
  return handled.startsWith('sick/');
}

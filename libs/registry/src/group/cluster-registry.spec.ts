import { ProcessFailure } from '@aisle/supervision';
import { DEFAULT_LEASE } from '../membership/lease-times.ts';
import { NameGroup, type NameNode } from '../testing/name-group.ts';

const { leaseMs, marginMs } = DEFAULT_LEASE;
const CERTAIN_MS = leaseMs + marginMs;
/** Time for two views and a renewal. */
const SOON_MS = leaseMs / 2;

describe('ClusterRegistry', () => {
  let world: NameGroup;
  let a: NameNode;
  let b: NameNode;
  beforeEach(async () => {
    world = new NameGroup();
    [a, b] = [await world.node('a'), await world.node('b')];
  });

  describe('a name', () => {
    it('belongs to one process in the group, and can be found by all', async () => {
      const consumer = await a.start();

      await a.registry.register(consumer, 'orders', { floor: 1 });

      const holder = { key: 'orders', incarnation: 'a', queue: 'queue of a', value: { floor: 1 } };
      expect(await a.registry.whereis('orders')).toEqual(holder);
      expect(await b.registry.whereis('orders')).toEqual(holder);
      expect(await b.registry.holders()).toEqual([holder]);
      expect(await b.registry.whereis('stock')).toBeUndefined();
    });

    it('is reported as held by its own node only', async () => {
      const consumer = await a.start();

      await a.registry.register(consumer, 'orders', 1);

      expect([a.registry.holds('orders'), b.registry.holds('orders')]).toEqual([true, false]);
      expect(a.registry.lookup('orders')).toMatchObject([{ key: 'orders', ref: consumer, value: 1 }]);
      expect(b.registry.lookup('orders')).toEqual([]);
      expect([a.registry.count, b.registry.count]).toEqual([1, 0]);
      expect(a.registry.keys(consumer)).toEqual(['orders']);
      expect([...a.registry.entries()]).toMatchObject([{ ref: consumer }]);
    });

    it('is refused to a second process, here and elsewhere, with the place of the first', async () => {
      await a.registry.register(await a.start(), 'orders', 1);
      const taken = {
        kind: 'conflict', code: 'registry.already_registered',
        holder: { key: 'orders', incarnation: 'a', queue: 'queue of a', value: 1 },
      };

      await expect(b.registry.register(await b.start(), 'orders', 2)).rejects.toMatchObject(taken);
      await expect(a.registry.register(await a.start(), 'orders', 2)).rejects.toMatchObject(taken);

      expect(await b.registry.whereis('orders')).toMatchObject({ value: 1 });
    });

    it('goes to one of two concurrent processes, on one node or on two', async () => {
      const asked = [a, a, b, b].map(async ({ registry, start }) => registry.register(await start(), 'orders', 0));

      const outcomes = await Promise.allSettled(asked);

      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
      expect(a.registry.count + b.registry.count).toBe(1);
    });

    it('is free again at once when its process ends', async () => {
      const consumer = await a.start();
      await a.registry.register(consumer, 'orders', 1);

      consumer.exit('kill');
      expect(a.registry.holds('orders')).toBe(false);
      await world.runtime.settle();

      expect(await b.registry.whereis('orders')).toBeUndefined();
      await b.registry.register(await b.start(), 'orders', 2);
      expect(b.registry.holds('orders')).toBe(true);
    });

    it('is free for a process in the turn in which the last one ended', async () => {
      const consumer = await a.start();
      await a.registry.register(consumer, 'orders', 1);
      const next = await a.start();

      consumer.exit('kill');
      await a.registry.register(next, 'orders', 2);
      await world.runtime.settle();

      expect(await b.registry.whereis('orders')).toMatchObject({ value: 2 });
    });

    it('can be freed only by its own process', async () => {
      const [consumer, other] = [await a.start(), await a.start()];
      await a.registry.register(consumer, 'orders', 1);

      await a.registry.unregister(other, 'orders');
      expect(a.registry.holds('orders')).toBe(true);
      await world.run(a.registry.unregister(consumer, 'orders'));

      expect(await b.registry.whereis('orders')).toBeUndefined();
    });

    it('has a value that its process can change for the whole group', async () => {
      const [consumer, other] = [await a.start(), await a.start()];
      await a.registry.register(consumer, 'count', 1);
      const more = (value: unknown): number => (value as number) + 1;

      const changed = await Promise.all([
        a.registry.updateValue(consumer, 'count', more),
        a.registry.updateValue(consumer, 'count', more),
        a.registry.updateValue(other, 'count', more),
        b.registry.updateValue(consumer, 'count', more),
      ]);

      expect(changed).toEqual([true, true, false, false]);
      expect(await b.registry.whereis('count')).toMatchObject({ value: 3 });
    });

    it('is refused to a process that has ended', async () => {
      const consumer = await a.start();
      consumer.exit('kill');

      await expect(a.registry.register(consumer, 'orders', 1)).rejects.toMatchObject({ code: ProcessFailure.noproc.code });
    });

    it('is free again when its process ends while it is being registered', async () => {
      const consumer = await a.start();

      const registered = a.registry.register(consumer, 'orders', 1);
      consumer.exit('kill');

      await expect(registered).rejects.toMatchObject({ code: ProcessFailure.noproc.code });
      await world.runtime.settle();
      expect(await b.registry.whereis('orders')).toBeUndefined();
    });

    it('is reported to the listeners of its node', async () => {
      const consumer = await a.start();

      await a.registry.register(consumer, 'orders', 1);
      consumer.exit('kill');

      expect(a.heard).toEqual(['register orders', 'unregister orders']);
      expect(b.heard).toEqual([]);
    });
  });

  describe('a process of the group', () => {
    it('takes no names before it joins and after it leaves', async () => {
      await world.run(a.registry.leave());

      await expect(a.registry.register(await a.start(), 'orders', 1)).rejects.toMatchObject({
        kind: 'unavailable', code: 'cluster.not_joined',
      });
    });

    it('frees its names when it leaves', async () => {
      await a.registry.register(await a.start(), 'orders', 1);

      await world.run(a.registry.leave());

      expect(a.registry.holds('orders')).toBe(false);
      expect(a.heard).toEqual(['register orders', 'unregister orders']);
      await b.registry.register(await b.start(), 'orders', 2);
      expect(b.registry.holds('orders')).toBe(true);
    });

    it('keeps its names while it lives', async () => {
      await a.registry.register(await a.start(), 'orders', 1);

      await world.runtime.advance(60_000);

      expect(a.registry.holds('orders')).toBe(true);
      await expect(b.registry.register(await b.start(), 'orders', 2)).rejects.toMatchObject({ kind: 'conflict' });
    });

    it('keeps its names after a kill until its death is certain', async () => {
      await a.registry.register(await a.start(), 'orders', 1);
      a.cutOff();

      await world.runtime.advance(CERTAIN_MS - SOON_MS);
      await expect(b.registry.register(await b.start(), 'orders', 2)).rejects.toMatchObject({ kind: 'conflict' });
      await world.runtime.advance(2 * SOON_MS);

      expect(a.registry.holds('orders')).toBe(false);
      await world.run(b.registry.register(await b.start(), 'orders', 2), SOON_MS);
      expect(b.registry.holds('orders')).toBe(true);
      expect(await b.registry.holders()).toMatchObject([{ incarnation: 'b', value: 2 }]);
    });

    it('is not found after a kill once its death is certain', async () => {
      await a.registry.register(await a.start(), 'orders', 1);
      a.cutOff();
      await world.runtime.advance(CERTAIN_MS + SOON_MS);

      expect(await world.run(b.registry.whereis('orders'), SOON_MS)).toBeUndefined();
      expect(await world.run(b.registry.holders(), SOON_MS)).toEqual([]);
    });

    it('loses a dead one\'s name to one of two that come for it', async () => {
      const c = await world.node('c');
      await a.registry.register(await a.start(), 'orders', 1);
      a.cutOff();
      await world.runtime.advance(CERTAIN_MS + SOON_MS);

      const takers = [b, c].map(async ({ registry, start }) => registry.register(await start(), 'orders', 2));
      const outcomes = await world.run(Promise.allSettled(takers), SOON_MS);

      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect([b.registry.holds('orders'), c.registry.holds('orders')].sort()).toEqual([false, true]);
    });

    it('is not considered dead if it joined after the last view', async () => {
      const late = await world.node('late');
      await late.registry.register(await late.start(), 'orders', 1);

      const refused = b.registry.register(await b.start(), 'orders', 2).catch(({ code }) => code as string);

      expect(await world.run(refused, SOON_MS)).toBe('registry.already_registered');
    });

    it('is not considered dead if it joined after a view that is being answered', async () => {
      b.delay('view', 100);
      await world.runtime.advance(leaseMs / 5);
      const late = await world.node('late');
      await late.registry.register(await late.start(), 'orders', 1);

      const refused = b.registry.register(await b.start(), 'orders', 2).catch(({ code }) => code as string);

      expect(await world.run(refused, SOON_MS)).toBe('registry.already_registered');
    });

    it('is deleted with its names, long after its death', async () => {
      await a.registry.register(await a.start(), 'orders', 1);
      a.cutOff();

      await world.runtime.advance(25 * leaseMs);

      expect((await world.names.view()).nodes.map(({ incarnation }) => incarnation)).toEqual(['b']);
      expect(await world.names.list()).toEqual([]);
    });
  });

  describe('after a lapse of its lease', () => {
    it('holds no name until it has claimed its names again, and keeps those that nobody took', async () => {
      const consumer = await a.start();
      await a.registry.register(consumer, 'orders', 1);
      a.cutOff();
      await world.runtime.advance(leaseMs);
      expect(a.registry.holds('orders')).toBe(false);

      a.reconnect();
      await world.runtime.advance(SOON_MS);

      expect(a.registry.holds('orders')).toBe(true);
      expect(consumer.alive).toBe(true);
      expect(a.events).toContain('lease lapsed');
    });

    it('ends the processes whose names another node has taken', async () => {
      const [loser, keeper] = [await a.start(), await a.start()];
      await a.registry.register(loser, 'orders', 1);
      await a.registry.register(keeper, 'stock', 1);
      const ended = loser.whenDown();
      a.cutOff();
      await world.runtime.advance(CERTAIN_MS + SOON_MS);
      await world.run(b.registry.register(await b.start(), 'orders', 2), SOON_MS);

      a.reconnect();
      await world.runtime.advance(SOON_MS);

      expect(await ended).toEqual({ shutdown: 'name lost' });
      expect(a.events).toContain('name lost: orders');
      expect([a.registry.holds('orders'), b.registry.holds('orders')]).toEqual([false, true]);
      expect([keeper.alive, a.registry.holds('stock')]).toEqual([true, true]);
      expect(await a.registry.whereis('orders')).toMatchObject({ incarnation: 'b' });
    });

    it('refuses a name to a node that considered it dead just before its return', async () => {
      await a.registry.register(await a.start(), 'orders', 1);
      a.cutOff();
      await world.runtime.advance(CERTAIN_MS + SOON_MS);
      const seen = (await world.names.list())[0];

      a.reconnect();
      await world.runtime.advance(SOON_MS);
      const row = await world.names.claim({ ...seen!, claim: 'of a slow taker', incarnation: 'b' }, seen);

      expect(row.incarnation).toBe('a');
      expect(a.registry.holds('orders')).toBe(true);
    });

    it('does not trust a name that was granted before, and claims it again', async () => {
      a.delay('claim', leaseMs + 100);
      const registered = a.start().then((ref) => a.registry.register(ref, 'orders', 1));
      await world.runtime.advance(0);
      a.cutOff();
      await world.runtime.advance(leaseMs - 1);
      a.reconnect();

      await world.run(registered, SOON_MS);
      await world.runtime.advance(SOON_MS);

      expect(a.registry.holds('orders')).toBe(true);
      expect((await world.names.find('orders'))?.version).toBeGreaterThan(0);
    });
  });

  describe('while the storage is unavailable', () => {
    it('refuses to register, and leaves no entry behind', async () => {
      a.cutOff();
      const refused = a.registry.register(await a.start(), 'orders', 1);

      await expect(refused).rejects.toMatchObject({ kind: 'unavailable' });
      a.reconnect();
      await world.runtime.advance(SOON_MS);

      expect([...a.registry.entries()]).toEqual([]);
      await b.registry.register(await b.start(), 'orders', 2);
    });

    it('frees a name later whose claim had a lost answer', async () => {
      a.loseAnswers('claim');
      await expect(a.registry.register(await a.start(), 'orders', 1)).rejects.toMatchObject({ kind: 'unavailable' });
      await world.runtime.advance(SOON_MS);

      await b.registry.register(await b.start(), 'orders', 2);

      expect(b.registry.holds('orders')).toBe(true);
    });

    it('frees the names of processes that ended meanwhile, once the storage is back', async () => {
      const consumer = await a.start();
      await a.registry.register(consumer, 'orders', 1);
      a.cutOff();
      consumer.exit('kill');
      await world.runtime.advance(SOON_MS);

      a.reconnect();
      await world.runtime.advance(SOON_MS);

      expect(await b.registry.whereis('orders')).toBeUndefined();
    });

    it('changes no value, and fails', async () => {
      const consumer = await a.start();
      await a.registry.register(consumer, 'count', 1);
      a.cutOff();

      await expect(a.registry.updateValue(consumer, 'count', () => 2)).rejects.toMatchObject({ kind: 'unavailable' });

      expect(a.registry.lookup('count')).toMatchObject([{ value: 1 }]);
    });
  });
});

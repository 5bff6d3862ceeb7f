import { DEFAULT_LEASE } from '@aisle/registry/membership';
import { failures, sleep } from '@aisle/std';
import { CERTAIN_MS, Group, LOOK_MS } from '../testing/group.ts';
import { Allocator } from '../placement/allocator.ts';
import type { ClusterStorage } from '../storage/cluster-storage.ts';
import { ClusterNode, type NodeEvent } from './cluster-node.ts';

const { leaseMs } = DEFAULT_LEASE;
const ALL = [0, 1, 2, 3];

describe('ClusterNode', () => {
  it('enters the group, takes the shards that are meant for it, and answers for them', async () => {
    const { group, join } = cluster();
    const { node } = await join('a');

    await group.place('a', 'a', 'b');

    expect(node.heldShards).toEqual([0, 1]);
    expect([0, 1, 2].map((shard) => node.accepts(shard))).toEqual([true, true, false]);
    expect(await node.ask(0, 'cart', async (actor) => actor)).toBe('cart of shard 0');
    expect(node.usage).toEqual({ actors: 1, bytes: 1 });
  });

  it('does not enter when the storage is away', async () => {
    const { made } = cluster();
    const { node, link } = made('a');
    link.isDown = true;

    await expect(node.join()).rejects.toMatchObject({ kind: 'unavailable' });

    expect(node.holdsLease).toBe(false);
  });

  it('is sure of its lease while it can renew it', async () => {
    const { group, join } = cluster();
    const { node, events } = await join('a');

    await group.runtime.advance(60_000);

    expect(node.holdsLease).toBe(true);
    expect(events).toEqual([]);
  });

  it('is not sure of it any more while the storage is away, says so, and recovers with its shards', async () => {
    const { group, join } = cluster();
    const { node, link, events } = await join('a');
    await group.place('a');
    link.isDown = true;
    await group.runtime.advance(leaseMs);
    expect(node.holdsLease).toBe(false);

    link.isDown = false;
    await group.runtime.advance(leaseMs);

    expect(node.holdsLease).toBe(true);
    expect(node.heldShards).toEqual([0]);
    expect(new Set(events)).toEqual(new Set(['lease missed', 'view not read', 'lease lapsed']));
  });

  it('stops renewing once its view is stale: it must not keep its shards from others', async () => {
    const { group, join } = cluster();
    const { node, link } = await join('a');
    let dead: string[] = [];
    await group.watch((_view, members) => (dead = members.dead.map(({ incarnation }) => incarnation)));

    link.isBlind = true;
    await group.runtime.advance(leaseMs);
    expect(dead).toEqual([]);
    await group.runtime.advance(leaseMs + CERTAIN_MS);

    expect(node.holdsLease).toBe(false);
    expect(dead).toEqual(['a']);
  });

  it('loses the shards that others took while it was away, and their actors', async () => {
    const { group, join } = cluster();
    const { node, link, events } = await join('a');
    await group.node('b');
    await group.place('a', 'a');
    await node.ask(0, 'cart', async (actor) => actor);
    link.isDown = true;
    await group.runtime.advance(CERTAIN_MS);
    await group.own(0, 'b');

    link.isDown = false;
    await group.runtime.advance(CERTAIN_MS);

    expect(node.heldShards).toEqual([1]);
    expect(node.usage.actors).toBe(0);
    expect(events).toContain('shard 0 lost');
  });

  describe('when it leaves', () => {
    it('hands its shards over to others, drained, and goes', async () => {
      const { group, join, allocate, run } = cluster();
      await allocate();
      const a = await join('a');
      await group.runtime.advance(LOOK_MS);
      await a.node.ask(0, 'cart', async (actor) => actor);
      const b = await join('b');
      await group.runtime.advance(LOOK_MS);
      expect(a.node.heldShards).toEqual(ALL);

      await run(a.node.leave(), 2_000);

      expect([a.node.heldShards, b.node.heldShards]).toEqual([[], ALL]);
      expect(a.stopped).toEqual(['cart of shard 0']);
      expect((await group.tables.view()).nodes.map(({ incarnation }) => incarnation)).toEqual(['b']);
    });

    it('goes on with what it has until that is its turn', async () => {
      const { group, join, allocate } = cluster();
      await allocate();
      const a = await join('a');
      await group.runtime.advance(LOOK_MS);
      const stuck = a.node.ask(0, 'stuck', () => sleep(group.runtime, 1_000).then(() => 'answered'));
      await group.runtime.settle();
      await join('b');
      await group.runtime.advance(LOOK_MS);

      const left = a.node.leave();
      await group.runtime.advance(500);
      expect(a.node.heldShards).toEqual([0]);
      expect(a.node.oldestOpenMs).toBeGreaterThanOrEqual(500);
      await group.runtime.advance(2_000);
      await left;

      expect(await stuck).toBe('answered');
    });

    it('takes no new commands from the first moment on', async () => {
      const { group, join, run } = cluster();
      const { node } = await join('a');
      await group.place('a');

      const left = node.leave();

      expect(node.accepts(0)).toBe(false);
      await expect(node.ask(0, 'cart', async () => 'answered')).rejects.toMatchObject({ code: 'journal.shard_lost' });
      await run(left, 1_000);
    });

    it('lets go of everything at once when nobody else is there', async () => {
      const { group, join, run } = cluster();
      const { node } = await join('a');
      await group.place('a', 'a');

      await run(node.leave(), 1_000);

      expect([0, 1].map((shard) => group.memory.owner(shard).owner)).toEqual([null, null]);
      expect((await group.tables.view()).nodes).toEqual([]);
    });

    it('lets go of what nobody has taken after 15 s', async () => {
      const { group, join, run } = cluster();
      const { node } = await join('a');
      await group.node('idle');
      await group.place('a');

      const left = node.leave();
      await group.runtime.advance(14_000);
      expect(group.memory.owner(0).owner).toBe('a');
      await run(left, 2_000);

      expect(group.memory.owner(0).owner).toBe(null);
    });
  });
});

const TestFailure = failures('test', { away: ['unavailable', 'the storage is away'] });

/** A group of four shards, and nodes whose actors are no more than their names. */
function cluster() {
  const group = new Group(4);

  const made = (incarnation: string) => {
    const link = { isDown: false, isBlind: false };
    const reach = (): void => {
      if (link.isDown) throw TestFailure.away();
    };
    const storage: ClusterStorage = {
      beat: async (entry) => (reach(), group.tables.beat(entry)),
      remove: async (name) => (reach(), group.tables.remove(name)),
      bury: async (node) => (reach(), group.tables.bury(node)),
      place: async (...decision) => (reach(), group.tables.place(...decision)),
      view: async () => {
        if (link.isBlind) throw TestFailure.away();
        reach();
        return group.tables.view();
      },
    };
    const events: string[] = [];
    const stopped: string[] = [];
    const node = new ClusterNode<string>({
      storage, incarnation,
      journal: group.journal(incarnation),
      runtime: group.runtime,
      queue: `queue-${incarnation}`,
      actors: {
        start: async (key, { shard }) => `${key} of shard ${shard}`,
        stop: async (actor) => void stopped.push(actor),
        isAlive: () => true,
        bytesOf: () => 1,
        mayRunAgain: () => false,
      },
      limits: { actorsMax: 10, bytesMax: 1_000, idleMs: 600_000 },
      onEvent: (event) => events.push(described(event)),
    });
    return { node, link, events, stopped };
  };

  return {
    group, made,
    join: async (incarnation: string) => {
      const parts = made(incarnation);
      await parts.node.join();
      return parts;
    },
    /** Somebody places the shards from here on. */
    allocate: async (): Promise<void> => {
      const allocator = new Allocator({
        storage: group.tables, runtime: group.runtime, times: DEFAULT_LEASE,
        onPlaced: () => undefined, onFailed: () => undefined,
      });
      await group.watch((view, members) => void allocator.onView(view, members));
    },
    run: async <T>(asked: Promise<T>, ms: number): Promise<T> => {
      await group.runtime.advance(ms);
      return asked;
    },
  };
}

function described(event: NodeEvent): string {
  return event.kind === 'shard lost' ? `shard ${event.shard} lost` : event.kind;
}

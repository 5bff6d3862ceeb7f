import { DEFAULT_LEASE } from '@aisle/registry/membership';
import { sleep } from '@aisle/std';
import { CERTAIN_MS, Group, LOOK_MS } from '../testing/group.ts';
import type { ClusterStorage } from '../storage/cluster-storage.ts';
import { Allocator } from './allocator.ts';

const GRACE_MS = 2 * DEFAULT_LEASE.leaseMs;

describe('Allocator', () => {
  it('places all shards without an owner at once', async () => {
    const { group, allocator, loads } = await shards(40);
    const moves = await allocator();
    await group.node('a');
    await group.node('b');

    await group.runtime.advance(LOOK_MS);

    expect(await loads()).toEqual({ a: 20, b: 20 });
    expect(moves).toEqual([40]);
  });

  it('places no shards on a new node for a while, since a restart must not move them twice', async () => {
    const { group, allocator, loads, obey } = await shards(40);
    await allocator();
    await group.node('a');
    await obey();

    await group.node('b');
    await group.runtime.advance(GRACE_MS);
    expect(await loads()).toEqual({ a: 40 });

    await group.runtime.advance(LOOK_MS);
    expect(await loads()).toEqual({ a: 36, b: 4 });
  });

  it.each([
    { of: 40, aRound: 4 },
    { of: 41, aRound: 5 },
    { of: 400, aRound: 20 },
  ])('moves $aRound of $of shards per round for balance', async ({ of, aRound }) => {
    const { group, allocator, loads, obey } = await shards(of);
    const moves = await allocator();
    await group.node('a');
    await obey();

    await group.node('b');
    await group.runtime.advance(GRACE_MS + LOOK_MS);

    expect(await loads()).toEqual({ a: of - aRound, b: aRound });
    expect(moves).toEqual([of, aRound]);
  });

  it('begins the next round after the moves of the last one, until the nodes are balanced', async () => {
    const { group, allocator, loads, obey } = await shards(40);
    await allocator();
    await group.node('a');
    await obey();
    await group.node('b');
    await group.runtime.advance(GRACE_MS + LOOK_MS);

    await group.runtime.advance(10_000);
    expect(await loads()).toEqual({ a: 36, b: 4 });
    await obey();
    expect(await loads()).toEqual({ a: 32, b: 8 });
    for (let round = 0; round < 10; round += 1) await obey();

    expect(await loads()).toEqual({ a: 20, b: 20 });
  });

  it('moves the shards of a dead node at once, and none of a silent one', async () => {
    const { group, allocator, loads, obey } = await shards(40);
    const moves = await allocator();
    await group.node('a');
    const { die } = await group.node('b');
    await obey();

    die();
    await group.runtime.advance(DEFAULT_LEASE.leaseMs);
    expect(await loads()).toEqual({ a: 20, b: 20 });
    await group.runtime.advance(CERTAIN_MS);

    expect(await loads()).toEqual({ a: 40 });
    expect(moves).toEqual([40, 20]);
  });

  it('moves the shards of a draining node at once', async () => {
    const { group, allocator, loads, obey } = await shards(40);
    await allocator();
    await group.node('a');
    const { lease } = await group.node('b');
    await obey();

    await lease.drain();
    await group.runtime.advance(LOOK_MS);

    expect(await loads()).toEqual({ a: 40 });
  });

  it('changes nothing by a decision from a stale view', async () => {
    const { group, allocator, loads } = await shards(4);
    const slow = await allocator({ takesMs: LOOK_MS });
    const fast = await allocator();
    await group.node('a');
    await group.runtime.advance(LOOK_MS);
    const decided = await loads();

    await group.runtime.advance(10 * LOOK_MS);

    expect(await loads()).toEqual(decided);
    expect([fast, slow]).toEqual([[4], []]);
  });

  it('decides again after a decision could not be stored, and reports it', async () => {
    const { group, allocator, loads } = await shards(4);
    const link = { isDown: true };
    const moves = await allocator({ link });
    await group.node('a');
    await group.runtime.advance(LOOK_MS);
    expect(await loads()).toEqual({});

    link.isDown = false;
    await group.runtime.advance(LOOK_MS);

    expect(await loads()).toEqual({ a: 4 });
    expect(moves).toEqual(['failed', 4]);
  });

  it('deletes a dead node long after all others consider it dead', async () => {
    const { group, allocator, names } = await shards(4);
    await allocator();
    await group.node('a');
    const { die } = await group.node('b');

    die();
    await group.runtime.advance(CERTAIN_MS + 19 * DEFAULT_LEASE.leaseMs);
    expect(await names()).toEqual(['a', 'b']);
    await group.runtime.advance(2 * DEFAULT_LEASE.leaseMs);

    expect(await names()).toEqual(['a']);
  });
});

async function shards(count: number) {
  const group = new Group(count);
  const view = () => group.tables.view();
  return {
    group,
    /** Adds an allocator, and returns its moves. */
    allocator: async ({ takesMs = 0, link = { isDown: false } } = {}): Promise<(number | 'failed')[]> => {
      const moves: (number | 'failed')[] = [];
      const storage: Pick<ClusterStorage, 'place' | 'bury'> = {
        bury: (node) => group.tables.bury(node),
        place: async (...decision) => {
          if (link.isDown) throw new Error('away');
          await sleep(group.runtime, takesMs);
          return group.tables.place(...decision);
        },
      };
      const allocator = new Allocator({
        storage, runtime: group.runtime, times: DEFAULT_LEASE,
        onPlaced: (count) => moves.push(count),
        onFailed: () => moves.push('failed'),
      });
      await group.watch((seen, members) => void allocator.onView(seen, members));
      return moves;
    },
    /** Moves every shard to its target, and waits until every watch has read it. */
    obey: async (): Promise<void> => {
      await group.runtime.advance(LOOK_MS);
      const { owners, placement } = await view();
      for (const { shard, owner } of owners) {
        const target = placement.targets[shard];
        if (target != null && target !== owner) await group.own(shard, target);
      }
      await group.runtime.advance(LOOK_MS);
    },
    loads: async (): Promise<Record<string, number>> => {
      const counts: Record<string, number> = {};
      for (const target of (await view()).placement.targets) {
        if (target !== null) counts[target] = (counts[target] ?? 0) + 1;
      }
      return counts;
    },
    names: async (): Promise<string[]> => (await view()).nodes.map(({ incarnation }) => incarnation),
  };
}

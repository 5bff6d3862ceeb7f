import { Journal, type JournalStorage } from '@aisle/journal';
import { failures, sleep } from '@aisle/std';
import { CERTAIN_MS, Group, LOOK_MS } from '../testing/group.ts';
import { Shards } from './shards.ts';

describe('Shards', () => {
  it('claims only free shards that are placed on it', async () => {
    const { group, shards, owner } = await node();
    await group.node('other');

    await group.place('me', 'other', null, 'me');

    expect(shards.held).toEqual([0, 3]);
    expect([0, 1, 2, 3].map(owner)).toEqual(['me', null, null, 'me']);
  });

  it('takes commands as soon as a shard is placed on it, and has a lease after the claim', async () => {
    const { group, shards, storage } = await node();
    storage.takesMs = 100;
    const looked = group.place('me');
    await group.runtime.advance(0);
    await looked;
    expect(shards.accepts(0)).toBe(true);
    expect(shards.held).toEqual([]);

    const lease = shards.lease(0);
    await group.runtime.advance(100);

    expect(await lease).toMatchObject({ shard: 0, held: true });
    expect(shards.held).toEqual([0]);
  });

  it('has no lease of a shard that is placed elsewhere', async () => {
    const { shards } = await node();

    expect(shards.accepts(0)).toBe(false);
    await expect(shards.lease(0)).rejects.toMatchObject({ code: 'journal.shard_lost' });
  });

  it('waits for the living owner of a shard that is placed on it', async () => {
    const { group, shards, owner } = await node();
    await group.node('other');
    const lease = await group.own(0, 'other');
    await group.place('me');

    await group.runtime.advance(60_000);
    expect(owner(0)).toBe('other');
    await group.journal('other').release(lease);
    await group.runtime.advance(LOOK_MS);

    expect(owner(0)).toBe('me');
    expect(shards.held).toEqual([0]);
  });

  it('takes the shards of a node once it is certainly dead', async () => {
    const { group, shards, owner } = await node();
    const other = await group.node('other');
    await group.runtime.advance(LOOK_MS);
    await group.own(0, 'other');
    await group.place('me');

    other.die();
    await group.runtime.advance(CERTAIN_MS - 1_000);
    expect(owner(0)).toBe('other');
    await group.runtime.advance(1_000);

    expect(shards.held).toEqual([0]);
    expect(group.memory.owner(0).epoch).toBe(2);
  });

  it('takes nothing from an owner that is neither alive nor dead', async () => {
    const { group, owner } = await node({ before: ['other'] });
    await group.own(0, 'other');

    await group.place('me');
    expect(owner(0)).toBe('other');
    await group.runtime.advance(CERTAIN_MS);

    expect(owner(0)).toBe('me');
  });

  it('takes the shards of a node that has left', async () => {
    const { group, shards } = await node();
    await group.own(0, 'long gone');

    await group.place('me');

    expect(shards.held).toEqual([0]);
  });

  describe('handing over', () => {
    it('drains first, and then releases', async () => {
      const { group, shards, owner, work } = await node();
      await group.node('other');
      await group.place('me');
      work.drainMs = 500;

      await group.place('other');
      expect(work.drained).toEqual([0]);
      expect(shards.accepts(0)).toBe(false);
      expect(owner(0)).toBe('me');
      await group.runtime.advance(500);

      expect(owner(0)).toBe(null);
      expect(shards.held).toEqual([]);
    });

    it('needs a living receiver', async () => {
      const { group, shards } = await node();
      await group.place('me');

      await group.place('nobody');
      await group.place(null);

      expect(shards.held).toEqual([0]);
    });

    it('continues after close', async () => {
      const { group, shards, owner } = await node();
      await group.node('other');
      await group.place('me', 'me');

      shards.close();
      expect(shards.accepts(0)).toBe(false);
      await group.place('other', 'me', 'me');

      expect([0, 1, 2].map(owner)).toEqual([null, 'me', null]);
    });

    it('releases all shards at the end, with or without another node', async () => {
      const { group, shards, owner, work } = await node();
      await group.place('me', 'me');

      await shards.releaseAll();

      expect(work.drained).toEqual([0, 1]);
      expect([0, 1].map(owner)).toEqual([null, null]);
    });
  });

  describe('a shard whose row names this node, without a lease here', () => {
    it('is claimed again if it is placed on this node', async () => {
      const { group, shards, storage } = await node();
      storage.losesAnswers = 'claim';
      await group.place('me');
      expect(group.memory.owner(0)).toMatchObject({ owner: 'me' });
      expect(shards.held).toEqual([]);

      storage.losesAnswers = undefined;
      await group.runtime.advance(LOOK_MS);

      expect(shards.held).toEqual([0]);
    });

    it('is released if it is placed on another node', async () => {
      const { group, owner } = await node();
      await group.node('other');
      await group.own(0, 'me');

      await group.place('other');

      expect(owner(0)).toBe(null);
    });

    it('is claimed at a request, without waiting for a view', async () => {
      const { group, shards } = await node();
      await group.place('me');
      const lost = await shards.lease(0);
      lost.lose();

      const found = await shards.lease(0);

      expect(found).toMatchObject({ held: true, epoch: lost.epoch + 1 });
    });
  });

  describe('after a lapse of the lease of the node', () => {
    it('has no proven shard until it is claimed again, and keeps shards without another owner', async () => {
      const { group, shards } = await node();
      await group.place('me');
      const lease = await shards.lease(0);

      shards.onLate();
      expect(shards.isProven(0)).toBe(false);
      await group.runtime.settle();

      expect(shards.isProven(0)).toBe(true);
      expect(lease).toMatchObject({ held: true, epoch: 2 });
    });

    it('repeats the claim while the storage is unavailable', async () => {
      const { group, shards, storage, failed } = await node();
      await group.place('me');
      storage.isDown = true;
      shards.onLate();
      await group.runtime.advance(LOOK_MS);
      expect(shards.isProven(0)).toBe(false);
      expect(failed()).toBeGreaterThan(0);

      storage.isDown = false;
      // The journal's circuit breaker blocks calls at first.
      await group.runtime.advance(1_000);

      expect(shards.isProven(0)).toBe(true);
      expect(shards.held).toEqual([0]);
    });

    it('loses shards that another node has claimed meanwhile', async () => {
      const { group, shards, work } = await node();
      await group.place('me', 'me');
      const lease = await shards.lease(0);
      await group.own(0, 'other');

      shards.onLate();
      await group.runtime.settle();

      expect(lease.held).toBe(false);
      expect(work.lost).toEqual([0]);
      expect(shards.held).toEqual([1]);
    });

    it('claims a shard again whose claim was running at the lapse', async () => {
      const { group, shards, storage } = await node();
      storage.takesMs = 100;
      await group.place('me');

      shards.onLate();
      await group.runtime.advance(2 * LOOK_MS);

      expect(shards.isProven(0)).toBe(true);
      expect(group.memory.owner(0).epoch).toBe(2);
    });
  });

  it('loses a shard with a higher epoch than its own', async () => {
    const { group, shards, work } = await node();
    await group.node('other');
    await group.place('me');
    const lease = await shards.lease(0);

    await group.own(0, 'other');
    await group.runtime.advance(LOOK_MS);

    expect(lease.held).toBe(false);
    expect(work.lost).toEqual([0]);
  });

  it('reports moving shards while it claims and releases', async () => {
    const { group, shards, storage } = await node();
    storage.takesMs = 500;
    await group.place('me', 'me');
    expect(shards.moving).toBe(2);

    await group.runtime.advance(500);

    expect(shards.moving).toBe(0);
  });
});

const TestFailure = failures('test', { away: ['unavailable', 'the storage is away'] });

/** The shards of the node `me`, in a group of four. The nodes of `before` have rows that do not change after the first reading. */
async function node({ before = [] }: { before?: readonly string[] } = {}) {
  const group = new Group(4);
  for (const name of before) (await group.node(name)).die();
  await group.node('me');
  const storage: { takesMs: number; isDown: boolean; losesAnswers: keyof JournalStorage | undefined } = {
    takesMs: 0, isDown: false, losesAnswers: undefined,
  };
  const work = { drainMs: 0, drained: [] as number[], lost: [] as number[] };
  let failures = 0;
  const reached = group.memory.storage('me');
  const shards = new Shards({
    incarnation: 'me',
    journal: new Journal({
      runtime: group.runtime,
      storage: {
        ...reached,
        claim: async (...claim) => {
          if (storage.isDown) throw TestFailure.away();
          if (storage.takesMs > 0) await sleep(group.runtime, storage.takesMs);
          const answer = await reached.claim(...claim);
          if (storage.losesAnswers === 'claim') throw TestFailure.away();
          return answer;
        },
      },
    }),
    drain: async (shard) => {
      work.drained.push(shard);
      if (work.drainMs > 0) await sleep(group.runtime, work.drainMs);
    },
    onLost: (shard) => work.lost.push(shard),
    onFailed: () => (failures += 1),
  });
  const watch = await group.watch((view, members) => {
    if (shards.onView(view, members)) watch?.soon();
  });
  return {
    group, shards, storage, work,
    failed: () => failures,
    owner: (shard: number) => group.memory.owner(shard).owner,
  };
}

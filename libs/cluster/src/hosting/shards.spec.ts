import { Journal, type JournalStorage } from '@aisle/journal';
import { failures, sleep } from '@aisle/std';
import { CERTAIN_MS, Group, LOOK_MS } from '../testing/group.ts';
import { Shards } from './shards.ts';

describe('Shards', () => {
  it('claims what is meant for it and free, and nothing else', async () => {
    const { group, shards, owner } = await node();
    await group.node('other');

    await group.place('me', 'other', null, 'me');

    expect(shards.held).toEqual([0, 3]);
    expect([0, 1, 2, 3].map(owner)).toEqual(['me', null, null, 'me']);
  });

  it('takes commands as soon as it knows that a shard is meant for it, and has a lease once it is claimed', async () => {
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

  it('has no lease of what is not meant for it', async () => {
    const { shards } = await node();

    expect(shards.accepts(0)).toBe(false);
    await expect(shards.lease(0)).rejects.toMatchObject({ code: 'journal.shard_lost' });
  });

  it('waits for the living owner of what is meant for it', async () => {
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

  it('takes from a dead owner, once its death is certain', async () => {
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

  it('takes nothing from an owner that may be dead or alive, for all that was seen yet', async () => {
    const { group, owner } = await node({ before: ['other'] });
    await group.own(0, 'other');

    await group.place('me');
    expect(owner(0)).toBe('other');
    await group.runtime.advance(CERTAIN_MS);

    expect(owner(0)).toBe('me');
  });

  it('takes from an owner that has left', async () => {
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

    it('is for living nodes alone', async () => {
      const { group, shards } = await node();
      await group.place('me');

      await group.place('nobody');
      await group.place(null);

      expect(shards.held).toEqual([0]);
    });

    it('to others goes on when the node takes nothing more', async () => {
      const { group, shards, owner } = await node();
      await group.node('other');
      await group.place('me', 'me');

      shards.close();
      expect(shards.accepts(0)).toBe(false);
      await group.place('other', 'me', 'me');

      expect([0, 1, 2].map(owner)).toEqual([null, 'me', null]);
    });

    it('gives everything back at the end, whether or not there is somebody to take it', async () => {
      const { group, shards, owner, work } = await node();
      await group.place('me', 'me');

      await shards.releaseAll();

      expect(work.drained).toEqual([0, 1]);
      expect([0, 1].map(owner)).toEqual([null, null]);
    });
  });

  describe('a shard whose row names this node and that is not held here', () => {
    it('is claimed again when it is meant for this node', async () => {
      const { group, shards, storage } = await node();
      storage.losesAnswers = 'claim';
      await group.place('me');
      expect(group.memory.owner(0)).toMatchObject({ owner: 'me' });
      expect(shards.held).toEqual([]);

      storage.losesAnswers = undefined;
      await group.runtime.advance(LOOK_MS);

      expect(shards.held).toEqual([0]);
    });

    it('is given back when it is meant for another', async () => {
      const { group, owner } = await node();
      await group.node('other');
      await group.own(0, 'me');

      await group.place('other');

      expect(owner(0)).toBe(null);
    });

    it('is claimed for whoever asks for it, without waiting for a look', async () => {
      const { group, shards } = await node();
      await group.place('me');
      const lost = await shards.lease(0);
      lost.lose();

      const found = await shards.lease(0);

      expect(found).toMatchObject({ held: true, epoch: lost.epoch + 1 });
    });
  });

  describe('after the lease of the node has run out', () => {
    it('proves nothing until it is claimed again, and keeps what nobody has taken', async () => {
      const { group, shards } = await node();
      await group.place('me');
      const lease = await shards.lease(0);

      shards.onLate();
      expect(shards.isProven(0)).toBe(false);
      await group.runtime.settle();

      expect(shards.isProven(0)).toBe(true);
      expect(lease).toMatchObject({ held: true, epoch: 2 });
    });

    it('goes on trying when the storage is away at first', async () => {
      const { group, shards, storage, failed } = await node();
      await group.place('me');
      storage.isDown = true;
      shards.onLate();
      await group.runtime.advance(LOOK_MS);
      expect(shards.isProven(0)).toBe(false);
      expect(failed()).toBeGreaterThan(0);

      storage.isDown = false;
      // The journal's circuit breaker lets nothing through at first.
      await group.runtime.advance(1_000);

      expect(shards.isProven(0)).toBe(true);
      expect(shards.held).toEqual([0]);
    });

    it('loses what somebody else has claimed meanwhile', async () => {
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

    it('proves again what was claimed while it ran out', async () => {
      const { group, shards, storage } = await node();
      storage.takesMs = 100;
      await group.place('me');

      shards.onLate();
      await group.runtime.advance(2 * LOOK_MS);

      expect(shards.isProven(0)).toBe(true);
      expect(group.memory.owner(0).epoch).toBe(2);
    });
  });

  it('loses what has a higher epoch than its own', async () => {
    const { group, shards, work } = await node();
    await group.node('other');
    await group.place('me');
    const lease = await shards.lease(0);

    await group.own(0, 'other');
    await group.runtime.advance(LOOK_MS);

    expect(lease.held).toBe(false);
    expect(work.lost).toEqual([0]);
  });

  it('says that it is on the move while it takes and gives, so that somebody looks again soon', async () => {
    const { group, shards, storage } = await node();
    storage.takesMs = 500;
    await group.place('me', 'me');
    expect(shards.moving).toBe(2);

    await group.runtime.advance(500);

    expect(shards.moving).toBe(0);
  });
});

const TestFailure = failures('test', { away: ['unavailable', 'the storage is away'] });

/** The shards of the node `me`, in a group of four; of `before` it sees rows that stand still from the first look on. */
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

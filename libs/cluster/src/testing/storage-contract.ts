import { Journal, type JournalStorage } from '@aisle/journal';
import { systemRuntime } from '@aisle/std';
import type { ClusterStorage } from '../storage/cluster-storage.ts';

/** A storage under test, with the journal in the same schema. */
export interface StorageUnderTest {
  readonly cluster: ClusterStorage;
  readonly journal: JournalStorage;
}

/** The contract suite of every cluster storage. `fresh` returns an empty storage with 4 shards. */
export function describeClusterStorage(name: string, fresh: () => Promise<StorageUnderTest>): void {
  describe(name, () => {
    it('starts without nodes and owners', async () => {
      const { cluster } = await fresh();

      expect(await cluster.view()).toEqual({
        nodes: [],
        owners: [0, 1, 2, 3].map((shard) => ({ shard, epoch: 0, owner: null })),
        placement: { version: 0, targets: [] },
      });
    });

    it('shows a node, its changing beat, and whether it is draining', async () => {
      const { cluster } = await fresh();
      const node = { incarnation: 'a', queue: 'queue-a', draining: false };

      await cluster.beat(node);
      const [first] = (await cluster.view()).nodes;
      await cluster.beat({ ...node, draining: true });
      const [second] = (await cluster.view()).nodes;

      expect(first).toEqual({ ...node, beat: expect.any(String) as string });
      expect(second).toEqual({ ...node, draining: true, beat: expect.any(String) as string });
      expect(second?.beat).not.toBe(first?.beat);
    });

    it('shows another beat of a node that was removed and returns', async () => {
      const { cluster } = await fresh();
      const node = { incarnation: 'a', queue: 'queue-a', draining: false };
      await cluster.beat(node);
      const [before] = (await cluster.view()).nodes;

      await cluster.remove('a');
      await cluster.beat(node);

      const [after] = (await cluster.view()).nodes;
      expect(after?.beat).not.toBe(before?.beat);
    });

    it('lists nodes in the order of their incarnations, without removed ones', async () => {
      const { cluster } = await fresh();
      for (const incarnation of ['c', 'a', 'b']) {
        await cluster.beat({ incarnation, queue: incarnation, draining: false });
      }

      await cluster.remove('b');
      await cluster.remove('b');

      expect((await cluster.view()).nodes.map(({ incarnation }) => incarnation)).toEqual(['a', 'c']);
    });

    it('buries a node as it was read, and not one whose beat has changed since', async () => {
      const { cluster } = await fresh();
      for (const incarnation of ['dead', 'woken']) await cluster.beat({ incarnation, queue: incarnation, draining: false });
      const seen = (await cluster.view()).nodes;

      await cluster.beat({ incarnation: 'woken', queue: 'woken', draining: false });
      for (const node of seen) await cluster.bury(node);

      expect((await cluster.view()).nodes.map(({ incarnation }) => incarnation)).toEqual(['woken']);
    });

    it('shows the owner of a shard', async () => {
      const { cluster, journal } = await fresh();

      await new Journal({ storage: journal, runtime: systemRuntime }).claim(2, 0);

      expect((await cluster.view()).owners[2]).toEqual({ shard: 2, epoch: 1, owner: journal.incarnation });
    });

    it('stores one of two decisions that were made from the same view', async () => {
      const { cluster } = await fresh();

      const decided = await Promise.all([
        cluster.place(0, ['a', null, 'a', 'a']),
        cluster.place(0, ['b', 'b', 'b', null]),
      ]);

      expect([...decided].sort()).toEqual([false, true]);
      const { version, targets } = (await cluster.view()).placement;
      expect(version).toBe(1);
      expect(targets).toEqual(decided[0] ? ['a', null, 'a', 'a'] : ['b', 'b', 'b', null]);
    });
  });
}

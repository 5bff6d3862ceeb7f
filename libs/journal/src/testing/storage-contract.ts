import { retentionFloorMs } from '../journal-storage.ts';
import type { CommitAnswer, JournalRow, JournalStorage } from '../journal-storage.ts';

/** One database, or one memory, that several nodes share. It cannot store a row whose events are `UNSTORABLE`. */
export interface StorageWorld {
  storage(incarnation: string): JournalStorage;
  /** Makes all stored data older by this time. */
  age(ms: number): Promise<void>;
}

const ROW: JournalRow = {
  shard: 7, actor: 'default/market-1/basket-1', epoch: 1, seq: 1, commandId: 'first',
  payloadHash: bytes('hash'), events: bytes('[]'), outcome: bytes('{}'),
};
export const UNSTORABLE = bytes('unstorable');
const DAY_MS = 24 * 60 * 60 * 1_000;

/** The contract of every storage: the fence, the unique keys, and the reads. */
export function describeStorage(open: () => StorageWorld): void {
  let world: StorageWorld;
  let storage: JournalStorage;

  beforeEach(async () => {
    world = open();
    storage = world.storage('node-a');
    await storage.claim(ROW.shard, 0, 'token');
  });

  describe('a claim', () => {
    it('is granted to the node that knows the epoch, and increments it', async () => {
      expect(await storage.owners([8])).toEqual([{ shard: 8, epoch: 0, owner: null }]);

      const first = await storage.claim(8, 0, 'one');
      const second = await world.storage('node-b').claim(8, 1, 'two');

      expect(first).toEqual({ shard: 8, granted: true, epoch: 1, owner: 'node-a' });
      expect(second).toEqual({ shard: 8, granted: true, epoch: 2, owner: 'node-b' });
    });

    it('is refused to a node that saw an older epoch, and names the faster one', async () => {
      await storage.claim(8, 0, 'one');

      const late = await world.storage('node-b').claim(8, 0, 'two');

      expect(late).toEqual({ shard: 8, granted: false, epoch: 1, owner: 'node-a' });
    });

    it('gets the same answer when it is repeated', async () => {
      await storage.claim(8, 0, 'one');

      const again = await storage.claim(8, 0, 'one');

      expect(again).toMatchObject({ granted: true, epoch: 1 });
    });

    it('is granted to one of several concurrent nodes', async () => {
      const nodes = ['a', 'b', 'c', 'd'].map((name) => world.storage(name));

      const answers = await Promise.all(nodes.map((node, index) => node.claim(9, 0, `token-${index}`)));

      expect(answers.filter(({ granted }) => granted)).toHaveLength(1);
      expect(await storage.owners([9])).toMatchObject([{ epoch: 1 }]);
    });

    it('goes on from the epoch of a released shard, and a stale release does nothing', async () => {
      expect(await storage.release(ROW.shard, 1)).toBe(true);
      expect(await storage.owners([ROW.shard])).toEqual([{ shard: ROW.shard, epoch: 1, owner: null }]);

      expect(await world.storage('node-b').claim(ROW.shard, 1, 'other')).toMatchObject({ epoch: 2 });

      expect(await storage.release(ROW.shard, 1)).toBe(false);
      expect(await storage.owners([ROW.shard])).toMatchObject([{ epoch: 2, owner: 'node-b' }]);
    });
  });

  describe('a commit', () => {
    it('writes every row of a batch, with a position that rises in its order', async () => {
      const rows = chain(512, {});

      expect(await storage.commit(0, rows)).toEqual(committed);

      const written = await storage.history(ROW, 0, 1_000);
      expect(written).toMatchObject(rows.map(({ seq, commandId }) => ({ seq, commandId, epoch: 1 })));
      expect(written.map(({ pos }) => pos)).toEqual([...written.map(({ pos }) => pos)].sort((a, b) => a - b));
      expect(new Set(written.map(({ pos }) => pos)).size).toBe(512);
    });

    it('keeps every byte of a row, whatever its command id looks like', async () => {
      const all = bytes(String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code)));
      const ids = [
        '01890a5d-ac96-774b-bcce-b302099a8057', '01890A5D-AC96-774B-BCCE-B302099A8057', 'ä€😀'.repeat(30), '\\x00',
      ];
      const rows = chain(ids.length, {}).map((row, index) => ({
        ...row, commandId: ids[index] as string, events: all, outcome: bytes(''), payloadHash: all.subarray(0, 32),
      }));

      await storage.commit(0, rows);

      const written = await storage.history(ROW, 0, 10);
      expect(written).toEqual(rows.map((row) => ({ ...row, pos: expect.any(Number) as number,
        atMs: expect.any(Number) as number, ...raw(row) })));
      for (const id of ids) expect(await storage.findByCommandId(ROW, id)).toBeDefined();
    });

    it('refuses the rows of a shard that another node owns, and writes the others', async () => {
      await storage.claim(8, 0, 'token');
      await world.storage('node-b').claim(ROW.shard, 1, 'taken');

      const answer = await storage.commit(0, [ROW, { ...ROW, shard: 8 }]);

      expect(answer).toEqual(refusing([{ index: 0, reason: 'fenced' }]));
      expect(await storage.history(ROW, 0, 10)).toEqual([]);
      expect(await storage.history({ ...ROW, shard: 8 }, 0, 10)).toHaveLength(1);
    });

    it.each([['older', 0], ['newer', 2]])('refuses an epoch that is %s than the shard', async (_which, epoch) => {
      expect(await storage.commit(0, [{ ...ROW, epoch }])).toEqual(refusing([{ index: 0, reason: 'fenced' }]));
    });

    it('refuses a shard that was never claimed', async () => {
      expect(await storage.commit(0, [{ ...ROW, shard: 99 }])).toEqual(
        refusing([{ index: 0, reason: 'fenced' }]));
    });

    it.each([['first', 0], ['middle', 1], ['last', 2]])(
      'refuses all rows of an actor when its %s is a duplicate, and writes other actors',
      async (_where, at) => {
        await storage.commit(0, [ROW]);
        const batch = chain(3, { seq: 2 }).map((row, index) => (index === at ? { ...row, commandId: 'first' } : row));
        const other = { ...ROW, actor: 'default/market-1/basket-2' };

        const answer = await storage.commit(0, [...batch, other]);

        const recorded = { seq: 1, payloadHash: raw(ROW).payloadHash, outcome: raw(ROW).outcome };
        expect(answer).toEqual(refusing([0, 1, 2].map((index) =>
          index === at ? { index, reason: 'duplicate', recorded } : { index, reason: 'sibling' })));
        expect(await storage.history(ROW, 0, 10)).toHaveLength(1);
        expect(await storage.history(other, 0, 10)).toHaveLength(1);
      });

    it('refuses a sequence number that is taken, and all of that actor', async () => {
      await storage.commit(0, chain(2, {}));

      const answer = await storage.commit(0, [{ ...ROW, seq: 2, commandId: 'x' }, { ...ROW, seq: 3, commandId: 'y' }]);

      expect(answer).toEqual(refusing([{ index: 0, reason: 'conflict' }, { index: 1, reason: 'sibling' }]));
      expect(await storage.history(ROW, 0, 10)).toHaveLength(2);
    });

    it('refuses both when one batch carries an id twice, so that they run again one by one', async () => {
      const answer = await storage.commit(0, [ROW, { ...ROW, seq: 2 }]);

      expect(answer).toEqual(refusing([{ index: 0, reason: 'sibling' }, { index: 1, reason: 'sibling' }]));
    });

    it.each([['first', 0], ['middle', 1], ['last', 2]])(
      'writes nothing of a batch of which its %s row is unstorable, and says that a row is to blame',
      async (_where, at) => {
        const batch = ['a', 'b', 'c'].map((actor, index) => ({
          ...ROW, actor, ...(index === at && { events: UNSTORABLE }),
        }));

        expect(await storage.commit(0, batch)).toEqual({
          kind: 'unstorable', refusal: expect.objectContaining({ sqlState: expect.stringMatching(/^23/) as string }) as unknown,
        });

        expect(await storage.load(batch)).toMatchObject(batch.map(() => ({ rows: [] })));
        expect(await storage.commit(0, batch.filter((_, index) => index !== at))).toEqual(committed);
      });

    it('leaves out an unstorable row that is refused in any case', async () => {
      await storage.commit(0, [ROW]);
      const batch = [{ ...ROW, actor: 'other' }, { ...ROW, seq: 2 }, { ...ROW, seq: 3, commandId: 'x', events: UNSTORABLE }];

      const answer = await storage.commit(0, batch);

      expect(answer).toMatchObject(refusing([{ index: 1, reason: 'duplicate' }, { index: 2, reason: 'sibling' }]) as object);
      expect(await storage.history({ ...ROW, actor: 'other' }, 0, 10)).toHaveLength(1);
    });

    it('knows the same command id of another actor and of another shard as another command', async () => {
      await storage.claim(8, 0, 'token');
      const rows = [ROW, { ...ROW, actor: 'default/market-1/basket-2' }, { ...ROW, shard: 8 }];

      expect(await storage.commit(0, rows)).toEqual(committed);
    });
  });

  describe('a load', () => {
    it('gives each actor its latest snapshot and the later rows', async () => {
      const other = { ...ROW, actor: 'default/market-1/basket-2' };
      await storage.commit(0, [...chain(5, {}), other]);
      await storage.saveSnapshot(ROW, { seq: 2, schemaVersion: 1, state: bytes('two') });
      await storage.saveSnapshot(ROW, { seq: 3, schemaVersion: 1, state: bytes('three') });

      const [first, second, third] = await storage.load([ROW, other, { shard: 7, actor: 'nobody' }]);

      expect(first).toMatchObject({ actor: ROW.actor, snapshot: { seq: 3, schemaVersion: 1, state: bytes('three') } });
      expect(first?.rows.map(({ seq }) => seq)).toEqual([4, 5]);
      expect(second).toMatchObject({ actor: other.actor, snapshot: undefined, rows: [{ seq: 1 }] });
      expect(third).toMatchObject({ actor: 'nobody', snapshot: undefined, rows: [] });
    });

    it('goes back to any sequence number that is kept', async () => {
      await storage.commit(0, chain(5, {}));
      await storage.saveSnapshot(ROW, { seq: 3, schemaVersion: 1, state: bytes('three') });

      const [before, at] = await storage.load([{ ...ROW, upToSeq: 2 }, { ...ROW, upToSeq: 4 }]);

      expect(before).toMatchObject({ snapshot: undefined, rows: [{ seq: 1 }, { seq: 2 }] });
      expect(at).toMatchObject({ snapshot: { seq: 3 }, rows: [{ seq: 4 }] });
    });

    it('finds nothing of an id that was never committed', async () => {
      expect(await storage.findByCommandId(ROW, 'first')).toBeUndefined();
    });

    it('reads a history page by page', async () => {
      await storage.commit(0, chain(5, {}));

      expect((await storage.history(ROW, 1, 3)).map(({ seq }) => seq)).toEqual([2, 3, 4]);
      expect((await storage.history(ROW, 4, 3)).map(({ seq }) => seq)).toEqual([5]);
    });
  });

  describe('a relay', () => {
    it('reads each shard in commit order from where it stopped', async () => {
      await storage.claim(8, 0, 'token');
      await storage.commit(0, [...chain(3, {}), { ...ROW, shard: 8 }]);
      const all = await storage.readAfter([{ shard: 7, pos: 0 }, { shard: 8, pos: 0 }], 10);
      const { pos } = all[1] as { pos: number };

      const rest = await storage.readAfter([{ shard: 7, pos }, { shard: 9, pos: 0 }], 10);

      expect(all.map(({ shard, seq }) => [shard, seq])).toEqual([[7, 1], [7, 2], [7, 3], [8, 1]]);
      expect(rest.map(({ shard, seq }) => [shard, seq])).toEqual([[7, 3]]);
      expect(await storage.readAfter([{ shard: 7, pos: 0 }], 2)).toHaveLength(2);
    });

    it('never moves a checkpoint back', async () => {
      await storage.saveCheckpoints('orders', [{ shard: 7, pos: 5 }, { shard: 8, pos: 1 }]);
      await storage.saveCheckpoints('orders', [{ shard: 7, pos: 3 }, { shard: 8, pos: 2 }]);

      expect(await storage.checkpoints('orders')).toEqual(expect.arrayContaining(
        [{ shard: 7, pos: 5 }, { shard: 8, pos: 2 }]));
      expect(await storage.checkpoints('mails')).toEqual([]);
    });
  });

  describe('pruning', () => {
    const limits = { retentionMs: 0, actorsMax: 10 };

    beforeEach(async () => {
      await storage.commit(0, chain(6, {}));
    });

    const kept = async (): Promise<number[]> =>
      (await storage.history(ROW, 0, 10)).map(({ seq }) => seq);
    const snapshotAt = (seq: number): Promise<void> =>
      storage.saveSnapshot(ROW, { seq, schemaVersion: 1, state: bytes(`state ${seq}`) });

    it('deletes nothing without a snapshot to rebuild from', async () => {
      await world.age(40 * DAY_MS);

      expect(await storage.prune(7, limits)).toBe(0);
    });

    it('deletes below the newest snapshot that is old enough, and keeps that row and snapshot', async () => {
      await snapshotAt(2);
      await snapshotAt(4);
      await world.age(retentionFloorMs + 1_000);
      await storage.commit(0, chain(2, { seq: 7 }));
      await snapshotAt(8);

      expect(await storage.prune(7, limits)).toBe(3);

      expect(await kept()).toEqual([4, 5, 6, 7, 8]);
      expect(await storage.load([{ ...ROW, upToSeq: 5 }])).toMatchObject(
        [{ snapshot: { seq: 4 }, rows: [{ seq: 5 }] }]);
      expect(await storage.load([{ ...ROW, upToSeq: 3 }])).toMatchObject([{ snapshot: undefined, rows: [] }]);
      expect(await storage.prune(7, limits)).toBe(0);
    });

    it('keeps at least 24 hours, and longer if told', async () => {
      await snapshotAt(4);
      await world.age(retentionFloorMs - 60_000);
      expect(await storage.prune(7, limits)).toBe(0);

      await world.age(120_000);
      expect(await storage.prune(7, { ...limits, retentionMs: 30 * DAY_MS })).toBe(0);
      expect(await storage.prune(7, limits)).toBe(3);
    });

    it('keeps rows that the slowest consumer has not read, until that one is forgotten', async () => {
      await snapshotAt(3);
      await snapshotAt(5);
      await world.age(40 * DAY_MS);
      const positions = (await storage.history(ROW, 0, 10)).map(({ pos }) => pos);
      await storage.saveCheckpoints('fast', [{ shard: 7, pos: positions[5] as number }]);
      await storage.saveCheckpoints('slow', [{ shard: 7, pos: positions[3] as number }]);
      await storage.saveCheckpoints('elsewhere', [{ shard: 8, pos: 1 }]);
      expect(await storage.prune(7, limits)).toBe(0);

      await storage.forgetConsumer('elsewhere');
      expect(await storage.prune(7, limits)).toBe(2);
      expect(await kept()).toEqual([3, 4, 5, 6]);

      await storage.forgetConsumer('slow');
      expect(await storage.prune(7, limits)).toBe(2);
      expect(await kept()).toEqual([5, 6]);
    });

    it('leaves the last sequence number taken, so that none is ever used twice', async () => {
      await snapshotAt(6);
      await world.age(40 * DAY_MS);
      await storage.prune(7, limits);

      const answer = await storage.commit(0, [{ ...ROW, seq: 6, commandId: 'again' }]);

      expect(answer).toEqual(refusing([{ index: 0, reason: 'conflict' }]));
    });

    it('prunes a bounded number of actors per call, and leaves other shards alone', async () => {
      await storage.claim(8, 0, 'token');
      for (const key of [{ shard: 7, actor: 'b' }, { shard: 7, actor: 'c' }, { shard: 8, actor: 'd' }]) {
        await storage.commit(0, chain(3, key));
        await storage.saveSnapshot(key, { seq: 3, schemaVersion: 1, state: bytes('x') });
      }
      await world.age(40 * DAY_MS);

      const deleted = [1, 2, 3].map(() => 0);
      for (const call of deleted.keys()) deleted[call] = await storage.prune(7, { ...limits, actorsMax: 1 });

      expect(deleted).toEqual([2, 2, 0]);
      expect(await storage.history({ shard: 8, actor: 'd' }, 0, 10)).toHaveLength(3);
    });
  });
}

/** Consecutive rows of one actor. */
function chain(length: number, from: Partial<JournalRow>): JournalRow[] {
  const { seq: firstSeq = 1 } = from;
  return Array.from({ length }, (_, index) => {
    const seq = firstSeq + index;
    return { ...ROW, ...from, seq, commandId: seq === 1 ? 'first' : `command ${seq}` };
  });
}

const committed: CommitAnswer = { kind: 'answered', refusals: [] };

function refusing(refusals: unknown[]): unknown {
  return { kind: 'answered', refusals };
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

function raw(row: JournalRow): Pick<JournalRow, 'payloadHash' | 'events' | 'outcome'> {
  const { payloadHash, events, outcome } = row;
  return { payloadHash: Buffer.from(payloadHash), events: Buffer.from(events), outcome: Buffer.from(outcome) };
}

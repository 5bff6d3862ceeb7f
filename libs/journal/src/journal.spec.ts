import { VirtualRuntime } from '@aisle/std/testing';
import type { Appended } from './commit-queue.ts';
import { Journal } from './journal.ts';
import type { JournalRow, JournalStorage } from './journal-storage.ts';
import type { Lease } from './lease.ts';
import { faultyStorage } from './testing/faulty-storage.ts';
import type { CommitFault } from './testing/faulty-storage.ts';
import { MemoryJournal } from './testing/memory-journal.ts';

const COMMIT_MS = 10;

describe('Journal', () => {
  let runtime: VirtualRuntime;
  let memory: MemoryJournal;
  let batches: (readonly JournalRow[])[];
  let faults: CommitFault[];
  let journal: Journal;

  beforeEach(() => {
    runtime = new VirtualRuntime();
    memory = new MemoryJournal(runtime, { latencyMs: () => COMMIT_MS });
    batches = [];
    faults = [];
    journal = new Journal({ storage: watched(memory.storage('node-a')), runtime });
  });

  describe('appending', () => {
    it('answers after the commit, and not before', async () => {
      const lease = await claimed(1);
      const answers = collect(journal.append(lease, row(1)));

      await runtime.advance(COMMIT_MS - 1);
      expect(answers).toEqual([]);

      await runtime.advance(1);
      expect(answers).toEqual(['committed']);
    });

    it('commits the rows of one turn in one batch, and later ones in the next', async () => {
      const lease = await claimed(1);
      for (const seq of [1, 2]) void journal.append(lease, row(seq));
      await runtime.advance(1);
      for (const seq of [3, 4, 5]) void journal.append(lease, row(seq));

      await runtime.advance(COMMIT_MS * 2);

      expect(sizes()).toEqual([2, 3]);
    });

    it('closes a batch at its rows and at its bytes', async () => {
      journal = new Journal({
        storage: watched(memory.storage('node-a')), runtime, batchRowsMax: 3, batchBytesMax: 1_000,
      });
      const lease = await claimed(1);
      for (const seq of [1, 2, 3, 4]) void journal.append(lease, row(seq));
      for (const seq of [5, 6]) void journal.append(lease, { ...row(seq), events: Buffer.alloc(600) });
      void journal.append(lease, { ...row(7), events: Buffer.alloc(5_000) });

      await runtime.advance(COMMIT_MS * 10);

      expect(sizes()).toEqual([3, 2, 1, 1]);
    });

    it('keeps a shard in one lane, and lets other lanes commit at the same time', async () => {
      const leases = [await claimed(1), await claimed(2), await claimed(3)];
      const answers = leases.flatMap((lease) => collect(journal.append(lease, row(1))));

      await runtime.advance(COMMIT_MS);

      expect(batches.map((batch) => batch.map(({ shard }) => shard))).toEqual([[1, 3], [2]]);
      expect(answers).toHaveLength(0);
    });

    it('throttles when its queue is full, by rows or by bytes, and queues no part of the call', async () => {
      journal = new Journal({
        storage: watched(memory.storage('node-a')), runtime, queueRowsMax: 2, queueBytesMax: 500,
      });
      const lease = await claimed(1);
      const append = (seq: number, bytes: number) =>
        () => journal.append(lease, { ...row(seq), events: Buffer.alloc(bytes) });
      void append(1, 300)();

      expect(append(2, 300)).toThrow(throttled);
      void append(2, 10)();
      expect(append(3, 10)).toThrow(throttled);

      await runtime.advance(COMMIT_MS);
      expect(sizes()).toEqual([2]);
    });

    it('answers the rows of a refused actor that are still waiting, without sending them', async () => {
      const lease = await claimed(1);
      await committed(lease, row(1));
      const first = collect(
        journal.append(lease, { ...row(2), commandId: 'command 1' }), journal.append(lease, row(1, 'other')));
      await runtime.advance(1);
      const later = collect(journal.append(lease, row(3)), journal.append(lease, row(2, 'other')));

      await runtime.advance(COMMIT_MS * 3);

      expect(first).toEqual(['duplicate', 'committed']);
      expect(later).toEqual(['sibling', 'committed']);
      expect(sizes()).toEqual([1, 2, 1]);
    });
  });

  describe('a lease', () => {
    it('is lost when another node has the shard, with all waiting rows of that shard', async () => {
      const [lease, other] = [await claimed(1), await claimed(3)];
      await run(memory.storage('node-b').claim(1, 1, 'taken'));
      const first = collect(journal.append(lease, row(1)), journal.append(other, row(1)));
      await runtime.advance(1);
      const later = collect(journal.append(lease, row(1, 'another')), journal.append(other, row(2)));

      await runtime.advance(COMMIT_MS * 3);

      expect(first).toEqual(['lost', 'committed']);
      expect(later).toEqual(['lost', 'committed']);
      expect([lease.held, other.held]).toEqual([false, true]);
    });

    it('once lost, refuses appends and loads', async () => {
      const lease = await claimed(1);
      await run(memory.storage('node-b').claim(1, 1, 'taken'));
      await committed(lease, row(1));

      expect(() => journal.append(lease, row(1))).toThrow(moved);
      await expect(journal.load(lease, 'basket')).rejects.toThrow(moved);
    });

    it('is lost during a load, whose result is discarded', async () => {
      const lease = await claimed(1);
      await run(memory.storage('node-b').claim(1, 1, 'taken'));
      const append = journal.append(lease, row(1, 'another'));
      await runtime.advance(1);
      const load = expect(journal.load(lease, 'basket')).rejects.toThrow(moved);

      expect((await run(append)).kind).toBe('lost');

      await load;
    });

    it.each([['written', 1], ['not written', 0]] as const)(
      'is lost with an unknown outcome, %s; only the next claim shows which', async (which, rows) => {
        const lease = await claimed(1);
        faults.push(`unknown, ${which}`);
        const first = collect(journal.append(lease, row(1)));
        await runtime.advance(1);
        const later = collect(journal.append(lease, row(2)));
        await runtime.advance(COMMIT_MS);

        expect([...first, ...later]).toEqual(['unknown', 'lost']);
        expect(lease.held).toBe(false);
        const again = await claimed(1, 1);
        expect(again.epoch).toBe(2);
        expect((await run(journal.load(again, 'basket'))).rows).toHaveLength(rows);
        expect(sizes()).toEqual([1]);
      });

    it('is not granted twice', async () => {
      await claimed(1);

      expect(await run(new Journal({ storage: memory.storage('node-b'), runtime }).claim(1, 0))).toBeUndefined();
    });

    it('is granted when the first answer to the claim was lost', async () => {
      const storage = memory.storage('node-a');
      let calls = 0;
      const lossy = new Journal({ runtime, storage: { ...storage, claim: async (...asked) => {
        const answer = await storage.claim(...asked);
        if ((calls += 1) === 1) throw away;
        return answer;
      } } });

      const claim = lossy.claim(1, 0);
      await runtime.advance(COMMIT_MS * 2);

      expect(await claim).toMatchObject({ shard: 1, epoch: 1 });
    });

    it('is given back once nothing of its shard is under way', async () => {
      const lease = await claimed(1);
      const appended = collect(journal.append(lease, row(1)));

      const released = journal.release(lease);
      await runtime.advance(2 * COMMIT_MS);
      await released;

      expect(appended).toEqual(['committed']);
      expect(lease.held).toBe(false);
      expect(await run(journal.owners([1]))).toEqual([{ shard: 1, epoch: 1, owner: null }]);
    });
  });

  describe('a lease that is claimed again', () => {
    it('writes on under a higher epoch, and refuses the old one', async () => {
      const lease = await claimed(1);
      await committed(lease, row(1));

      expect(await run(journal.claimAgain(lease))).toBe(true);

      expect(lease).toMatchObject({ held: true, epoch: 2 });
      expect(await committed(lease, row(2))).toBe('committed');
      const other = new Journal({ storage: memory.storage('node-b'), runtime });
      expect(await run(other.claim(1, 1))).toBeUndefined();
    });

    it('is not granted when somebody else has the shard by now', async () => {
      const lease = await claimed(1);
      const other = new Journal({ storage: memory.storage('node-b'), runtime });
      await run(other.claim(1, 1));

      expect(await run(journal.claimAgain(lease))).toBe(false);
    });
  });

  describe('while the storage is away', () => {
    it('fails waiting rows, and refuses others at once until the pause is over', async () => {
      const lease = await claimed(1);
      faults.push('failed');
      const first = collect(journal.append(lease, row(1)));
      await runtime.advance(1);
      const later = collect(journal.append(lease, row(1, 'other')));
      await runtime.advance(COMMIT_MS - 1);

      expect([...first, ...later]).toEqual(['failed', 'failed']);
      expect(() => journal.append(lease, row(1))).toThrow(unavailable(100));
      await expect(journal.owners([1])).rejects.toThrow(unavailable(100));
      expect(journal.retryAfterMs).toBe(100);
      expect(lease.held).toBe(true);

      await runtime.advance(100);
      expect(await committed(lease, row(1))).toBe('committed');
      expect(journal.retryAfterMs).toBe(0);
    });

    it('begins with a short pause again once anything has succeeded', async () => {
      const lease = await claimed(1);
      for (let round = 0; round < 3; round += 1) {
        faults.push('failed');
        await committed(lease, row(1));
        expect(journal.retryAfterMs).toBe(100);
        await runtime.advance(journal.retryAfterMs);
        await run(journal.owners([1]));
      }
    });

    it('pauses twice as long after each failure, up to half a second', async () => {
      const lease = await claimed(1);
      const pauses: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        faults.push('failed');
        await committed(lease, row(1));
        pauses.push(journal.retryAfterMs);
        await runtime.advance(journal.retryAfterMs);
      }

      expect(pauses).toEqual([100, 200, 400, 500, 500]);
    });

    it('reports when a read finds it away, and passes any other error on', async () => {
      const failing = (error: Error): Journal => new Journal({
        storage: { ...memory.storage('node-a'), owners: () => Promise.reject(error) }, runtime,
      });

      await expect(failing(away).owners([1])).rejects.toMatchObject({ code: 'journal.unavailable', cause: away });
      await expect(failing(new TypeError('a bug')).owners([1])).rejects.toThrow('a bug');
    });
  });

  describe('loading', () => {
    it('asks for all actors of one turn at once', async () => {
      const lease = await claimed(1);
      await committed(lease, row(1));
      await committed(lease, row(1, 'other'));
      const asked: number[] = [];
      const storage = memory.storage('node-a');
      const counting = new Journal({ runtime, storage: {
        ...storage, load: (requests) => (asked.push(requests.length), storage.load(requests)),
      } });

      const loads = Promise.all(['basket', 'other', 'nobody'].map((actor) => counting.load(lease, actor)));

      expect((await run(loads)).map(({ actor, rows }) => [actor, rows.length])).toEqual(
        [['basket', 1], ['other', 1], ['nobody', 0]]);
      expect(asked).toEqual([3]);
    });

    it('waits for rows that an earlier life of the actor has in flight', async () => {
      const lease = await claimed(1);
      void journal.append(lease, row(1));

      const history = journal.load(lease, 'basket');
      await runtime.advance(2 * COMMIT_MS);

      expect((await history).rows).toHaveLength(1);
    });
  });

  function watched(storage: JournalStorage): JournalStorage {
    const faulty = faultyStorage(storage, () => faults.shift());
    return { ...faulty, commit: (lane, rows) => (batches.push(rows), faulty.commit(lane, rows)) };
  }

  const sizes = (): number[] => batches.map((batch) => batch.length);

  async function claimed(shard: number, seenEpoch = 0): Promise<Lease> {
    return (await run(journal.claim(shard, seenEpoch))) as Lease;
  }

  async function committed(lease: Lease, appended: ReturnType<typeof row>): Promise<Appended['kind']> {
    return (await run(journal.append(lease, appended))).kind;
  }

  async function run<T>(promise: Promise<T>): Promise<T> {
    await runtime.advance(COMMIT_MS);
    return promise;
  }
});

function row(seq: number, actor = 'basket'): Omit<JournalRow, 'shard' | 'epoch'> {
  return {
    actor, seq, commandId: `command ${seq}`, payloadHash: Buffer.from('x'),
    events: Buffer.from('[]'), outcome: Buffer.from(''),
  };
}

/** Collects the kind of each answer as it comes. */
function collect(...appended: Promise<Appended>[]): Appended['kind'][] {
  const kinds: Appended['kind'][] = [];
  for (const answer of appended) void answer.then(({ kind }) => kinds.push(kind));
  return kinds;
}

const away = Object.assign(new Error('away'), { kind: 'unavailable', code: 'database.unavailable' });
const throttled = expect.objectContaining({ kind: 'throttled', code: 'journal.full' }) as Error;
const moved = expect.objectContaining({ kind: 'unavailable', code: 'journal.shard_lost' }) as Error;
const unavailable = (retryAfterMs: number): Error =>
  expect.objectContaining({ code: 'journal.unavailable', details: { retryAfterMs } }) as Error;

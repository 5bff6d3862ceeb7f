import { isFailure } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import { Activation } from './activation.ts';
import type { ActivationOptions } from './activation.ts';
import { Journal } from './journal.ts';
import type { JournalRow, JournalStorage } from './journal-storage.ts';
import type { Lease } from './lease.ts';
import { faultyStorage } from './testing/faulty-storage.ts';
import type { CommitFault } from './testing/faulty-storage.ts';
import { MemoryJournal } from './testing/memory-journal.ts';
import { take, till } from './testing/till.ts';
import type { Receipt, Take, Taken, Till } from './testing/till.ts';

const CALL_MS = 10;
const KEY = { shard: 1, actor: 'till' };

describe('Activation', () => {
  let runtime: VirtualRuntime;
  let memory: MemoryJournal;
  let storage: JournalStorage;
  let batches: (readonly JournalRow[])[];
  let faults: CommitFault[];
  let journal: Journal;
  let lease: Lease;
  let actor: Activation<Till, Take, Taken, Receipt>;

  beforeEach(async () => {
    runtime = new VirtualRuntime();
    memory = new MemoryJournal(runtime, { latencyMs: () => CALL_MS });
    batches = [];
    faults = [];
    const faulty = faultyStorage(memory.storage('node-a'), () => faults.shift());
    storage = { ...faulty, commit: (lane, rows) => (batches.push(rows), faulty.commit(lane, rows)) };
    journal = new Journal({ storage, runtime });
    lease = (await run(journal.claim(1, 0))) as Lease;
    actor = await loaded();
  });

  describe('a command', () => {
    it('is answered after its commit, with the state that it made', async () => {
      const replies = follow(actor.submit(take('a', 5)));
      await runtime.advance(CALL_MS - 1);
      expect(replies).toEqual([]);

      await runtime.advance(1);

      expect(replies).toEqual([
        { seq: 1, state: { total: 5, takes: 1 }, outcome: { total: 5 }, replayed: false }]);
    });

    it('is decided on the state of earlier commands before they are committed', async () => {
      const replies = follow(...['a', 'b', 'c'].map((id) => actor.submit(take(id, 5))));

      await runtime.advance(CALL_MS);

      expect(replies).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3, state: { total: 15, takes: 3 } }]);
      expect(batches).toHaveLength(1);
    });

    it('that a rule refuses changes nothing, and is answered when everything it depends on is committed', async () => {
      const replies = follow(actor.submit(take('a', 5)), actor.submit(take('b', 5, 8)), actor.submit(take('c', 1)));
      await runtime.advance(CALL_MS - 1);
      expect(replies).toEqual([]);

      await runtime.advance(1);

      expect(replies).toMatchObject([{ seq: 1 }, 'till.full', { seq: 2, state: { total: 6 } }]);
    });

    it('that has no events is a version too, so that its id is remembered', async () => {
      const still = { ...till, decide: () => ({ events: [], outcome: { total: 0 } }) };
      actor = await loaded({ behaviour: still });

      expect(await run(actor.submit(take('a', 0)))).toMatchObject({ seq: 1, state: { takes: 0 } });
      expect(await run(actor.submit(take('a', 0)))).toMatchObject({ seq: 1, replayed: true });
    });

    it('writes no more for a large state than for a small one', async () => {
      await run(actor.submit(take('a', 5)));
      for (let index = 0; index < 50; index += 1) void actor.submit(take(`more ${index}`, 5));
      await runtime.advance(CALL_MS * 2);
      await run(actor.submit(take('b', 5)));

      const bytes = (row: JournalRow | undefined): number | undefined => row?.events.length;
      expect(bytes(batches.at(-1)?.[0])).toBe(bytes(batches[0]?.[0]));
    });

    it('that crashes is answered with the crash, and holds up no other', async () => {
      const crashing = { ...till, decide: () => ({ events: [{ amount: 1n as unknown as number }], outcome: { total: 0 } }) };
      actor = await loaded({ behaviour: crashing });

      const replies = follow(actor.submit(take('a', 5)), actor.read(({ total }) => total));
      await runtime.settle();

      expect(replies).toEqual([expect.any(TypeError), 0]);
    });

    it('is throttled when too many wait', async () => {
      actor = await loaded({ waitingMax: 2 });
      const replies = follow(...['a', 'b', 'c'].map((id) => actor.submit(take(id, 5))));

      await runtime.advance(CALL_MS);

      expect(replies).toMatchObject([{ seq: 1 }, { seq: 2 }, 'journal.full']);
    });
  });

  describe('a read', () => {
    it('sees earlier commits, and waits for nothing else', async () => {
      await run(actor.submit(take('a', 5)));

      const replies = follow(actor.read(({ total }, seq) => ({ total, seq })));
      await runtime.settle();

      expect(replies).toEqual([{ total: 5, seq: 1 }]);
    });

    it('sees the commands before it, and leaves after their commit', async () => {
      const replies = follow(actor.submit(take('a', 5)), actor.read(({ total }) => total), actor.submit(take('b', 5)));
      await runtime.advance(CALL_MS - 1);
      expect(replies).toEqual([]);

      await runtime.advance(1);

      expect(replies).toMatchObject([{ seq: 1 }, 5, { seq: 2 }]);
    });
  });

  describe('a duplicate', () => {
    it('gets the first answer again, with the state as it was then, and writes nothing', async () => {
      const first = await run(actor.submit(take('a', 5)));
      await run(actor.submit(take('b', 5)));

      const again = await run(actor.submit(take('a', 5)));

      expect(again).toEqual({ ...first, replayed: true });
      expect(batches).toHaveLength(2);
    });

    it('of a command that still waits gets its answer', async () => {
      const replies = follow(actor.submit(take('a', 5)), actor.submit(take('a', 5)), actor.submit(take('b', 5)));

      await runtime.advance(CALL_MS * 2);

      expect(replies).toMatchObject([
        { seq: 1, replayed: false }, { seq: 1, replayed: true }, { seq: 2, state: { total: 10 } }]);
    });

    it.each([['committed', true], ['waiting', false]])(
      'with another payload is refused, the first one %s', async (_which, committed) => {
        const first = actor.submit(take('a', 5));
        if (committed) await run(first);

        const replies = follow(actor.submit(take('a', 6)));
        await runtime.advance(CALL_MS);

        expect(replies).toEqual(['idempotency.mismatch']);
      });

    it('of a refused command is refused too, whatever has changed since', async () => {
      await run(actor.submit(take('full', 9)));

      const refused = follow(
        actor.submit(take('a', 5, 10)), actor.submit(take('give', -9)), actor.submit(take('a', 5, 10)));
      await runtime.advance(CALL_MS * 4);

      expect(refused).toEqual(['till.full', expect.objectContaining({ seq: 2 }), 'till.full']);
      await expect(run(actor.submit(take('a', 5, 10)))).rejects.toMatchObject({ code: 'till.full' });
      await expect(run(actor.submit(take('a', 6, 10)))).rejects.toMatchObject({ code: 'idempotency.mismatch' });
    });

    it('of a command that the rules would now refuse gets the first answer, and so does each copy', async () => {
      await run(actor.submit(take('a', 5, 5)));
      await run(actor.submit(take('b', 5)));
      await run(actor.snapshot());
      actor = await loaded();

      const copies = follow(...[1, 2, 3].map(() => actor.submit(take('a', 5, 5))));
      await runtime.advance(CALL_MS * 4);

      expect(copies).toMatchObject([1, 2, 3].map(() => ({ seq: 1, replayed: true })));
    });

    it('that only the journal knows is found there, and later commands are decided again', async () => {
      await forgetting();

      const replies = follow(
        actor.submit(take('x', 1)), actor.submit(take('a', 5)), actor.submit(take('y', 1)),
        actor.read(({ total }) => total), actor.submit(take('z', 1, 8)));
      await runtime.advance(CALL_MS * 4);

      expect(replies).toMatchObject([
        { seq: 3, state: { total: 11 } }, { seq: 1, state: { total: 5 }, replayed: true },
        { seq: 4, state: { total: 12 } }, 12, 'till.full']);
      expect(await totals()).toEqual([5, 10, 11, 12]);
    });

    it('that only the journal knows comes before the rules', async () => {
      await forgetting();

      const replies = follow(actor.submit({ ...take('a', 5), command: { amount: 5, limit: 1 } }));
      await runtime.advance(CALL_MS * 2);

      expect(replies).toMatchObject([{ seq: 1, state: { total: 5 }, replayed: true }]);
    });

    it('of a waiting command that is refused after all is refused too', async () => {
      await run(actor.submit(take('a', 10)));
      await run(actor.submit(take('less', -5)));
      await run(actor.snapshot());
      actor = await loaded();

      // Until the journal knows the retry of 'less', it lowers the state on which 'c' is decided.
      const replies = follow(
        actor.submit(take('less', -5)), actor.submit(take('c', 5, 8)), actor.submit(take('c', 5, 8)));
      await runtime.advance(CALL_MS * 4);

      expect(replies).toMatchObject([{ seq: 2, replayed: true }, 'till.full', 'till.full']);
    });

    it('is found in the journal when memory no longer has it', async () => {
      const ids = Array.from({ length: 300 }, (_, index) => `${index}`);
      const all = Promise.all(ids.map((id) => actor.submit(take(id, 1))));
      await runtime.advance(CALL_MS * 2);
      await all;

      const replies = follow(actor.submit({ ...take('0', 1), command: { amount: 1, limit: 1 } }));
      await runtime.advance(CALL_MS * 2);

      expect(replies).toMatchObject([{ seq: 1, state: { total: 1 }, replayed: true }]);
    });

    it('is rejected when its answer is pruned', async () => {
      await run(actor.submit(take('a', 5)));
      await run(actor.submit(take('b', 5)));
      await run(actor.snapshot());
      await runtime.advance(40 * 24 * 3_600_000);
      await run(journal.prune(1, { retentionMs: 0, actorsMax: 10 }));

      const replies = follow(actor.submit(take('a', 5)), actor.submit(take('b', 5)));
      await runtime.advance(CALL_MS);

      expect(replies).toMatchObject(['idempotency.answer_pruned', { seq: 2, replayed: true }]);
    });

    // The actor as the next owner has it: from a snapshot, without the ids of earlier commands.
    async function forgetting(): Promise<void> {
      await run(actor.submit(take('a', 5)));
      await run(actor.submit(take('b', 5)));
      await run(actor.snapshot());
      actor = await loaded();
    }
  });

  describe('when the storage fails', () => {
    it('rejects waiting commands, keeps the committed state and goes on', async () => {
      await run(actor.submit(take('a', 5)));
      faults.push('failed');
      const replies = follow(
        actor.submit(take('b', 5)), actor.read(({ total }) => total), actor.submit(take('c', 5)));
      await runtime.advance(CALL_MS);
      expect(replies).toEqual(['journal.unavailable', 5, 'journal.unavailable']);

      await runtime.advance(journal.retryAfterMs);

      expect(await run(actor.submit(take('b', 5)))).toMatchObject({ seq: 2, state: { total: 10 } });
      expect(actor.over).toBe(false);
    });

    it.each([['written', true], ['not written', false]] as const)(
      'with an unknown outcome, %s, it is over; a retry after the next claim is applied once',
      async (which, replayed) => {
        faults.push(`unknown, ${which}`);
        const replies = follow(actor.submit(take('a', 5)), actor.read(({ total }) => total));
        await runtime.advance(CALL_MS);
        expect(replies).toEqual(['journal.outcome_unknown', 'journal.shard_lost']);
        expect(actor.over).toBe(true);

        lease = (await run(journal.claim(1, 1))) as Lease;
        actor = await loaded();

        expect(await run(actor.submit(take('a', 5)))).toMatchObject({ seq: 1, state: { total: 5 }, replayed });
      });

    it('is over when another node has the shard, and answers nothing any more', async () => {
      await run(memory.storage('node-b').claim(1, 1, 'taken'));
      const before = follow(actor.submit(take('a', 5)), actor.read(({ total }) => total));
      await runtime.advance(CALL_MS);
      const after = follow(actor.submit(take('b', 5)), actor.read(({ total }) => total));
      await runtime.settle();

      expect([...before, ...after]).toEqual(Array(4).fill('journal.shard_lost'));
    });

    it('is over when the journal is ahead of its memory, and the next load is not', async () => {
      await run(storage.commit(0, [stored(1, 'unseen')]));
      const replies = follow(actor.submit(take('a', 5)), actor.submit(take('b', 5)));
      await runtime.advance(CALL_MS);
      expect(replies).toEqual(['journal.actor_outdated', 'journal.actor_outdated']);
      expect([actor.over, lease.held]).toEqual([true, true]);

      actor = await loaded();

      expect(await run(actor.submit(take('a', 5)))).toMatchObject({ seq: 2 });
    });
  });

  describe('a snapshot', () => {
    it('is taken after a number of commands, and loads with the later ones', async () => {
      actor = await loaded({ snapshotEvery: 3 });
      for (const id of ['a', 'b', 'c', 'd']) await run(actor.submit(take(id, 5)));
      await runtime.advance(CALL_MS);

      const [history] = await run(storage.load([KEY]));
      actor = await loaded();

      expect(history).toMatchObject({ snapshot: { seq: 3, schemaVersion: 2 }, rows: [{ seq: 4 }] });
      expect(await run(actor.read((state, seq) => [state, seq]))).toEqual([{ total: 20, takes: 4 }, 4]);
    });

    it('waits until the events have as many bytes as the last one had', async () => {
      const bulky = { ...till, save: () => 'x'.repeat(100) };
      actor = await loaded({ behaviour: { ...bulky, restore: till.restore }, snapshotEvery: 2 });
      for (let index = 0; index < 14; index += 1) await run(actor.submit(take(`${index}`, 5)));
      await runtime.advance(CALL_MS);

      const [history] = await run(storage.load([KEY]));

      // The first snapshot at 2; then eight times '[{"amount":5}]' exceeds its hundred bytes.
      expect(history?.snapshot?.seq).toBe(10);
    });

    it('of an older shape is restored by its version', async () => {
      await run(storage.saveSnapshot(KEY, { seq: 0, schemaVersion: 1, state: Buffer.from('7') }));

      actor = await loaded();

      expect(await run(actor.read(({ total }) => total))).toBe(7);
    });

    it('that fails only costs a longer load', async () => {
      storage.saveSnapshot = () => Promise.reject(new Error('no room'));
      actor = await loaded({ snapshotEvery: 1 });

      expect(await run(actor.submit(take('a', 5)))).toMatchObject({ seq: 1 });
      await expect(run(actor.snapshot())).resolves.toBeUndefined();
    });
  });

  it('is idle when everything has an answer', async () => {
    void actor.submit(take('a', 5));
    expect(actor.idle).toBe(false);

    await runtime.advance(CALL_MS);

    expect(actor.idle).toBe(true);
  });

  it('does not load from a journal that has a gap', async () => {
    await run(storage.commit(0, [stored(1, 'one'), stored(3, 'three')]));

    await expect(loaded()).rejects.toThrow('the journal has no gap: till goes from 1 to 3');
  });

  function loaded(other: Partial<ActivationOptions<Till, Take, Taken, Receipt>> = {}): Promise<typeof actor> {
    return run(Activation.load({ journal, lease, actor: KEY.actor, behaviour: till, ...other }));
  }

  async function totals(): Promise<number[]> {
    const rows = await run(journal.history(KEY, 0, 100));
    return rows.map(({ outcome }) => (JSON.parse(Buffer.from(outcome).toString()) as { total: number }).total);
  }

  async function run<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => undefined);
    await runtime.advance(CALL_MS);
    return promise;
  }
});

function stored(seq: number, commandId: string): JournalRow {
  const nothing = Buffer.from('');
  return {
    ...KEY, epoch: 1, seq, commandId, payloadHash: nothing, events: Buffer.from('[]'), outcome: nothing,
  };
}

/** Collects the answers in order of arrival: the value, or the code of the failure. */
function follow(...promises: Promise<unknown>[]): unknown[] {
  const answers: unknown[] = [];
  promises.forEach((promise, index) => {
    promise.then(
      (answer) => (answers[index] = answer),
      (error: unknown) => (answers[index] = isFailure(error) ? error.code : error),
    );
  });
  return answers;
}

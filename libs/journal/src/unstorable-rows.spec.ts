import { VirtualRuntime } from '@aisle/std/testing';
import type { ActorRow, Appended } from './commit-queue.ts';
import { Journal } from './journal.ts';
import type { JournalRow, JournalStorage } from './journal-storage.ts';
import type { Lease } from './lease.ts';
import { faultyStorage } from './testing/faulty-storage.ts';
import type { CommitFault } from './testing/faulty-storage.ts';
import { MemoryJournal } from './testing/memory-journal.ts';

const COMMIT_MS = 10;

describe('A batch with an unstorable row', () => {
  let runtime: VirtualRuntime;
  let memory: MemoryJournal;
  let batches: (readonly JournalRow[])[];
  let faults: (CommitFault | undefined)[];
  let journal: Journal;
  let lease: Lease;
  let answers: Map<string, Appended>;

  beforeEach(async () => {
    runtime = new VirtualRuntime();
    memory = new MemoryJournal(runtime, {
      latencyMs: () => COMMIT_MS, isUnstorable: ({ events }) => Buffer.from(events).includes('bad'),
    });
    batches = [];
    faults = [];
    answers = new Map();
    const faulty = faultyStorage(memory.storage('node-a'), () => faults.shift());
    const storage: JournalStorage = { ...faulty, commit: (lane, rows) => (batches.push(rows), faulty.commit(lane, rows)) };
    journal = new Journal({ storage, runtime });
    lease = await claimed(1);
  });

  it('commits every other actor of it within 2·log2(actors) further calls', async () => {
    for (let number = 0; number < 64; number += 1) append(number === 41 ? bad('actor 41', 1) : good(`actor ${number}`, 1));

    await runtime.advance(14 * COMMIT_MS);

    expect(batches.length).toBeLessThanOrEqual(1 + 2 * 6);
    expect(answers.get('actor 41/1')).toEqual({ kind: 'unstorable', refusal: expect.objectContaining({ sqlState: '23514' }) });
    expect([...answers.values()].filter(({ kind }) => kind === 'committed')).toHaveLength(63);
  });

  it('commits the rows of its actor before it, and has those behind it decided again', async () => {
    for (let seq = 1; seq <= 8; seq += 1) append(seq === 6 ? bad('till', seq) : good('till', seq));

    await runtime.advance(10 * COMMIT_MS);

    expect(kindsOf('till')).toEqual([...Array<string>(5).fill('committed'), 'unstorable', 'sibling', 'sibling']);
    expect(rowsOf(await run(journal.load(lease, 'till')))).toEqual([1, 2, 3, 4, 5]);
  });

  it('opens no pause: later rows are queued, and are the next batch', async () => {
    append(bad('sick', 1));
    append(good('well', 1));
    await runtime.advance(1);
    append(good('late', 1));
    append(good('sick', 2));

    await runtime.advance(3 * COMMIT_MS);
    expect(journal.retryAfterMs).toBe(0);
    await runtime.advance(COMMIT_MS);

    expect(kindsOf('sick')).toEqual(['unstorable', 'sibling']);
    expect([...kindsOf('well'), ...kindsOf('late')]).toEqual(['committed', 'committed']);
    expect(batches.map((rows) => rows.map(({ actor }) => actor))).toEqual([['sick', 'well'], ['sick'], ['well'], ['late']]);
  });

  it('leaves its shard open until the last half has an answer', async () => {
    append(bad('sick', 1));
    append(good('well', 1));
    await runtime.advance(1);
    let isReleased = false;
    const released = journal.release(lease).then(() => (isReleased = true));

    await runtime.advance(2.5 * COMMIT_MS);
    expect(isReleased).toBe(false);
    await runtime.advance(2 * COMMIT_MS);
    await released;

    expect(kindsOf('well')).toEqual(['committed']);
  });

  it('sends no later half when the earlier one finds the shard taken', async () => {
    append(good('till', 1), good('till', 2), bad('till', 3), good('other', 1));
    await runtime.advance(1);
    void memory.storage('node-b').claim(1, 1, 'taken');

    await runtime.advance(4 * COMMIT_MS);

    expect([...kindsOf('till'), ...kindsOf('other')]).toEqual(['lost', 'lost', 'lost', 'lost']);
    expect(batches.map((rows) => rows.length)).toEqual([4, 3]);
  });

  it.each<[what: string, fault: CommitFault, kinds: string[]]>([
    ['away', 'failed', ['failed', 'failed']],
    ['silent', 'unknown, not written', ['unknown', 'lost']],
  ])('ends like any other batch when the storage is %s at its first half', async (_what, fault, kinds) => {
    faults.push(undefined, fault);
    append(good('well', 1), bad('sick', 1));

    await runtime.advance(4 * COMMIT_MS);

    expect([...kindsOf('well'), ...kindsOf('sick')]).toEqual(kinds);
    expect(batches).toHaveLength(2);
  });

  it('goes on with the held shards when one of them is lost', async () => {
    const other = await claimed(3);
    faults.push(undefined, 'unknown, not written');
    append(good('well', 1), bad('sick', 1));
    void journal.append(other, good('elsewhere', 1)).then((answer) => answers.set('elsewhere/1', answer));

    await runtime.advance(5 * COMMIT_MS);

    expect([...kindsOf('well'), ...kindsOf('sick'), ...kindsOf('elsewhere')]).toEqual(['unknown', 'lost', 'committed']);
  });

  function append(...rows: ActorRow[]): void {
    for (const row of rows) {
      void journal.append(lease, row).then((answer) => answers.set(`${row.actor}/${row.seq}`, answer));
    }
  }

  /** In row order. */
  function kindsOf(actor: string): string[] {
    return [...answers].filter(([row]) => row.startsWith(`${actor}/`)).sort(([one], [next]) => (one < next ? -1 : 1))
      .map(([, { kind }]) => kind);
  }

  async function claimed(shard: number): Promise<Lease> {
    return (await run(journal.claim(shard, 0))) as Lease;
  }

  async function run<T>(promise: Promise<T>): Promise<T> {
    await runtime.advance(COMMIT_MS);
    return promise;
  }
});

describe('A load of an actor with a name that the storage refuses', () => {
  it('fails alone', async () => {
    const runtime = new VirtualRuntime();
    const storage = new MemoryJournal(runtime).storage('node-a');
    const refused = new TypeError('no text');
    const journal = new Journal({ runtime, storage: {
      ...storage, load: async (asked) => {
        if (asked.some(({ actor }) => actor === 'bad')) throw refused;
        return storage.load(asked);
      },
    } });
    const lease = (await journal.claim(1, 0)) as Lease;

    const loads = Promise.allSettled(['one', 'bad', 'other'].map((actor) => journal.load(lease, actor)));
    await runtime.advance(1);

    expect(await loads).toMatchObject([{ value: { actor: 'one' } }, { reason: refused }, { value: { actor: 'other' } }]);
    expect(journal.retryAfterMs).toBe(0);
  });
});

function good(actor: string, seq: number): ActorRow {
  return {
    actor, seq, commandId: `command ${seq}`, payloadHash: Buffer.from('x'), events: Buffer.from('[]'), outcome: Buffer.from(''),
  };
}

function bad(actor: string, seq: number): ActorRow {
  return { ...good(actor, seq), events: Buffer.from('["bad"]') };
}

function rowsOf({ rows }: { readonly rows: readonly { readonly seq: number }[] }): number[] {
  return rows.map(({ seq }) => seq);
}

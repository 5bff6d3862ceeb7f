import { systemRuntime } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import { Activation } from '../activation.ts';
import { Journal } from '../journal.ts';
import type { RecordedRow } from '../journal-storage.ts';
import { MemoryJournal } from '../testing/memory-journal.ts';
import { take, till } from '../testing/till.ts';
import { JournalTail } from './journal-tail.ts';
import { hasYounger, type TailConsumer } from './tail-consumer.ts';

const SHARD = 7;

describe('JournalTail', () => {
  it('passes every row of the shards held here, in commit order, once', async () => {
    const { ring, tailFor } = await shop();
    for (let nth = 1; nth <= 200; nth += 1) await ring('a', nth);
    const reader = taking('totals');
    const tail = tailFor(reader);

    await tail.pass();
    await ring('b', 201);
    await tail.pass();

    expect(reader.seen).toEqual(Array.from({ length: 201 }, (_, nth) => nth + 1));
  });

  it('leaves the shards of others alone', async () => {
    const { ring, tailFor } = await shop();
    await ring('a', 1);
    const reader = taking('totals');

    await tailFor(reader, []).pass();

    expect(reader.seen).toEqual([]);
  });

  it('comes back for a row that was not taken, and for all later ones', async () => {
    const { ring, tailFor } = await shop();
    for (const amount of [1, 2, 3]) await ring('a', amount);
    let busy = true;
    const reader = taking('totals', (amount) => amount !== 2 || !busy);
    const tail = tailFor(reader);

    await tail.pass();
    busy = false;
    await tail.pass();

    expect(reader.seen).toEqual([1, 2, 3, 2, 3]);
  });

  it('reads past a row at which its consumer has a bug, and passes the others once', async () => {
    const { ring, tailFor, journal, failures } = await shop();
    for (let nth = 1; nth <= 200; nth += 1) await ring('a', nth);
    let isMended = false;
    const reader = taking('totals', (amount) => {
      if (amount === 5 && !isMended) throw new TypeError('a bug');
      return true;
    });
    const tail = tailFor(reader);

    for (let pass = 1; pass <= 20; pass += 1) await tail.pass();
    await tail.stop();
    const positions = (await journal.readAfter([{ shard: SHARD, pos: 0 }], 200)).map(({ pos }) => pos);

    expect(reader.seen.filter((amount) => amount !== 5)).toEqual(
      Array.from({ length: 200 }, (_, nth) => nth + 1).filter((amount) => amount !== 5));
    // At first, and after 1, 2, 4 and 8 more passes.
    expect(failures).toHaveLength(5);
    expect(await journal.checkpoints('totals')).toEqual([{ shard: SHARD, pos: positions[3] }]);
    isMended = true;
    const next = tailFor(reader);
    await next.pass();
    await next.stop();
    expect(await journal.checkpoints('totals')).toEqual([{ shard: SHARD, pos: positions.at(-1) }]);
  });

  it('stops at the next such row when a shard has 64 of them', async () => {
    const { ring, tailFor } = await shop();
    for (let nth = 1; nth <= 100; nth += 1) await ring('a', nth);
    const reader = taking('totals', (amount) => {
      if (amount <= 70) throw new TypeError('a bug');
      return true;
    });
    const tail = tailFor(reader);

    await tail.pass();
    await tail.pass();

    expect(Math.max(...reader.seen)).toBe(100);
    expect(reader.seen.filter((amount) => amount === 100).length).toBe(2);
  });

  it.each([['away', 'unavailable'], ['silent', 'unknown'], ['full', 'throttled']])(
    'keeps all rows behind one for which a dependency is %s', async (_what, kind) => {
      const { ring, tailFor, journal } = await shop();
      for (const amount of [1, 2, 3]) await ring('a', amount);
      const reader = taking('totals', (amount) => {
        if (amount === 1) throw Object.assign(new Error('not now'), { kind, code: 'test.not_now', details: {} });
        return true;
      });
      const tail = tailFor(reader);

      await tail.pass();
      await tail.stop();

      expect(await journal.checkpoints('totals')).toEqual([]);
    });

  it('reports a row that failed, and comes back for it', async () => {
    const { ring, tailFor, failures } = await shop();
    await ring('a', 1);
    let away = true;
    const reader = taking('totals', () => {
      if (away) throw new Error('away');
      return true;
    });
    const tail = tailFor(reader);

    await tail.pass();
    away = false;
    await tail.pass();

    expect(failures).toEqual([new Error('away')]);
    expect(reader.seen).toEqual([1, 1]);
  });

  it('goes on at the last position of that name, on any node', async () => {
    const { ring, tailFor, journal } = await shop();
    for (const amount of [1, 2, 3]) await ring('a', amount);
    const stuckAtThree = tailFor(taking('totals', (amount) => amount !== 3));
    await stuckAtThree.pass();
    await stuckAtThree.stop();

    const next = taking('totals');
    await tailFor(next).pass();

    expect(next.seen).toEqual([3]);
    expect(await journal.checkpoints('totals')).toMatchObject([{ shard: SHARD }]);
  });

  it('reads each row once for all its consumers, and none waits for another', async () => {
    const { ring, tailFor, reads } = await shop();
    for (let nth = 1; nth <= 200; nth += 1) await ring('a', nth);
    const [stuck, free] = [taking('stuck', (amount) => amount < 100), taking('free')];
    const tail = tailFor([stuck, free]);

    await tail.pass();
    const readsOfOnePass = reads();
    await tail.pass();

    expect(free.seen).toEqual(Array.from({ length: 200 }, (_, nth) => nth + 1));
    expect(stuck.seen.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, nth) => nth + 1));
    expect(stuck.seen.at(-1)).toBeLessThan(200);
    expect(readsOfOnePass).toBe(Math.ceil(201 / 64));
  });

  it('passes again and again until it is stopped', async () => {
    const { ring, tailFor, runtime } = await shop();
    const reader = taking('totals');
    const tail = tailFor(reader);
    tail.start();

    await ring('a', 1);
    await runtime.advance(1_000);
    await ring('a', 2);
    await runtime.advance(1_000);
    await tail.stop();
    await ring('a', 3);
    await runtime.advance(10_000);

    expect(reader.seen).toEqual([1, 2]);
  });
});

describe('hasYounger', () => {
  it('tells whether the actor of a row has a later row', async () => {
    const { ring, journal } = await shop();
    for (const amount of [1, 2]) await ring('a', amount);
    await ring('b', 3);
    const [first, second] = await journal.readAfter([{ shard: SHARD, pos: 0 }], 10);

    expect(await hasYounger(journal, first!, [])).toBe(true);
    expect(await hasYounger(journal, first!, [first!, second!])).toBe(true);
    expect(await hasYounger(journal, second!, [first!, second!])).toBe(false);
  });
});

/** A consumer that records the amounts it gets, and takes the chosen ones. */
function taking(consumer: string, takes: (amount: number) => boolean = () => true) {
  const seen: number[] = [];
  return {
    consumer,
    seen,
    async take(row: RecordedRow) {
      const [{ amount }] = JSON.parse(Buffer.from(row.events).toString()) as [{ amount: number }];
      seen.push(amount);
      return takes(amount);
    },
  };
}

/** Tills of one shard, with their amounts as rows. */
async function shop() {
  const runtime = new VirtualRuntime();
  const memory = new MemoryJournal(systemRuntime);
  const journal = new Journal({ storage: memory.storage('node-1'), runtime: systemRuntime });
  const lease = await journal.claim(SHARD, 0);
  if (!lease) throw new Error('nobody else claims');
  const loaded = new Map<string, ReturnType<typeof load>>();
  const load = (actor: string) => Activation.load({ journal, lease, actor, behaviour: till });
  const failures: unknown[] = [];
  let reads = 0;
  const counted = {
    checkpoints: journal.checkpoints.bind(journal),
    saveCheckpoints: journal.saveCheckpoints.bind(journal),
    history: journal.history.bind(journal),
    readAfter(...request: Parameters<Journal['readAfter']>) {
      reads += 1;
      return journal.readAfter(...request);
    },
  };
  return {
    runtime,
    journal,
    failures,
    reads: () => reads,
    async ring(actor: string, amount: number) {
      const activation = loaded.get(actor) ?? load(actor);
      loaded.set(actor, activation);
      await (await activation).submit(take(`take-${amount}`, amount));
    },
    tailFor: (consumers: TailConsumer | TailConsumer[], heldShards = [SHARD]) =>
      new JournalTail({
        journal: counted, runtime, everyMs: 1_000, consumers: [consumers].flat(),
        heldShards: () => heldShards,
        onFailed: (failure) => void failures.push(failure),
      }),
  };
}

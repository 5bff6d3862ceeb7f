import { systemRuntime } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import { Activation } from './activation.ts';
import { JournalPruner } from './journal-pruner.ts';
import { Journal } from './journal.ts';
import { MemoryJournal } from './testing/memory-journal.ts';
import { take, till } from './testing/till.ts';

const DAY_MS = 24 * 60 * 60_000;
const HOUR_MS = 60 * 60_000;

describe('JournalPruner', () => {
  it('deletes rows below an old snapshot once an hour, in the shards held here', async () => {
    const { runtime, ring, kept, prunerFor } = await shop();
    await ring(1, 3);
    await ring(2, 3);
    const pruner = prunerFor([1]);
    pruner.start();

    await runtime.advance(29 * DAY_MS);
    expect([await kept(1), await kept(2)]).toEqual([3, 3]);
    await runtime.advance(2 * DAY_MS);
    await pruner.stop();

    expect([await kept(1), await kept(2)]).toEqual([1, 3]);
  });

  it('comes back after a pass that failed, until it is stopped', async () => {
    const { runtime, prunerFor } = await shop();
    const calls: number[] = [];
    const failures: unknown[] = [];
    const prune = (shard: number): Promise<number> => {
      calls.push(shard);
      return Promise.reject(new Error('away'));
    };
    const pruner = prunerFor([1, 2], { journal: { prune }, onFailed: (error) => failures.push(error) });
    pruner.start();

    await runtime.advance(2 * HOUR_MS);
    await pruner.stop();
    await runtime.advance(2 * HOUR_MS);

    expect(calls).toEqual([1, 1]);
    expect(failures).toEqual([new Error('away'), new Error('away')]);
  });

  it('goes on in a shard while there are rows to delete', async () => {
    const { prunerFor } = await shop();
    const left = new Map([[1, 250], [2, 0]]);
    const calls: number[] = [];
    const prune = (shard: number): Promise<number> => {
      calls.push(shard);
      const deleted = Math.min(100, left.get(shard) ?? 0);
      left.set(shard, (left.get(shard) ?? 0) - deleted);
      return Promise.resolve(deleted);
    };

    await prunerFor([1, 2], { journal: { prune } }).pass();

    expect(calls).toEqual([1, 1, 1, 1, 2]);
  });
});

/** Tills, each with a snapshot at its last row. */
async function shop() {
  const runtime = new VirtualRuntime();
  const journal = new Journal({ storage: new MemoryJournal(runtime).storage('node-1'), runtime: systemRuntime });
  return {
    runtime,
    async ring(shard: number, takes: number) {
      const lease = await journal.claim(shard, 0);
      if (!lease) throw new Error('nobody else claims');
      const activation = await Activation.load({ journal, lease, actor: 'a', behaviour: till });
      for (let nth = 1; nth <= takes; nth += 1) await activation.submit(take(`take-${nth}`, nth));
      await activation.snapshot();
    },
    kept: async (shard: number) => (await journal.history({ shard, actor: 'a' }, 0, 10)).length,
    prunerFor: (held: readonly number[], others: Partial<ConstructorParameters<typeof JournalPruner>[0]> = {}) =>
      new JournalPruner({
        journal, runtime, heldShards: () => held, retentionMs: 30 * DAY_MS,
        onFailed: (error) => { throw error; },
        ...others,
      }),
  };
}

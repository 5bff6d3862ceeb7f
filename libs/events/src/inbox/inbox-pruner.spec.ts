import { VirtualRuntime } from '@aisle/std/testing';
import { InboxPruner } from './inbox-pruner.ts';

const HOUR_MS = 60 * 60_000;

describe('InboxPruner', () => {
  it('runs once an hour, and goes on while there are old events', async () => {
    const { runtime, deleted, pruner } = shop([10_000, 10_000, 3, 0]);
    pruner.start();

    await runtime.advance(HOUR_MS - 1);
    expect(deleted).toEqual([]);
    await runtime.advance(1);
    expect(deleted).toEqual([10_000, 10_000, 3]);
    await runtime.advance(HOUR_MS);
    await pruner.stop();
    await runtime.advance(2 * HOUR_MS);

    expect(deleted).toEqual([10_000, 10_000, 3, 0]);
  });

  it('comes back after a pass that failed', async () => {
    const { runtime, deleted, failures, pruner } = shop([new Error('away'), 5]);
    pruner.start();

    await runtime.advance(2 * HOUR_MS);
    await pruner.stop();

    expect(failures).toEqual([new Error('away')]);
    expect(deleted).toEqual([5]);
  });
});

/** An inbox that answers each statement with a number of deleted rows, or with an error. */
function shop(answers: (number | Error)[]) {
  const runtime = new VirtualRuntime();
  const [deleted, failures]: [number[], unknown[]] = [[], []];
  const client = {
    async query() {
      const answer = answers.shift() ?? 0;
      if (answer instanceof Error) throw answer;
      deleted.push(answer);
      return { rows: Array(answer).fill({}) as unknown[] };
    },
  };
  const pruner = new InboxPruner({ client, retentionMs: HOUR_MS, runtime, onFailed: (error) => failures.push(error) });
  return { runtime, deleted, failures, pruner };
}

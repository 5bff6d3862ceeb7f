import { VirtualRuntime } from '@aisle/std/testing';
import { Activation } from './activation.ts';
import type { Version } from './behaviour.ts';
import { Journal } from './journal.ts';
import type { Lease } from './lease.ts';
import { MemoryJournal } from './testing/memory-journal.ts';
import { take, till } from './testing/till.ts';
import type { Receipt, Take, Taken, Till } from './testing/till.ts';

const ACTOR = 'till';

// A trigger would write these rows with each commit. Here they are computed from the journal on demand.
describe('an Activation whose state is kept elsewhere', () => {
  let runtime: VirtualRuntime;
  let journal: Journal;
  let lease: Lease;
  let loads: number;
  const kept: Version<Till> = { seq: 2, state: { total: 12, takes: 2 } };

  beforeEach(async () => {
    runtime = new VirtualRuntime();
    journal = new Journal({ storage: new MemoryJournal(runtime, { latencyMs: () => 1 }).storage('node-a'), runtime });
    lease = (await run(journal.claim(1, 0))) as Lease;
    const first = await run(Activation.load({ journal, lease, actor: ACTOR, behaviour: till }));
    await run(first.submit(take('a', 5)));
    await run(first.submit(take('b', 7)));
    loads = 0;
  });

  it('begins with that state, and goes on with the next number', async () => {
    const actor = await load(kept);

    expect(await run(actor.submit(take('c', 1)))).toMatchObject({ seq: 3, state: { total: 13, takes: 3 } });
    expect(loads).toBe(1);
  });

  it('answers a command from before with its first outcome, and the state as it is by now', async () => {
    const actor = await load(kept);

    expect(await run(actor.submit(take('a', 5)))).toEqual({
      seq: 1, state: kept.state, outcome: { total: 5 }, replayed: true,
    });
  });

  it('is over when the kept state is older than the journal', async () => {
    const actor = await load({ seq: 1, state: { total: 5, takes: 1 } });

    await expect(run(actor.submit(take('c', 1)))).rejects.toMatchObject({ code: 'journal.actor_outdated' });
    expect(actor.over).toBe(true);
  });

  it('does not begin under a lease that was lost meanwhile', async () => {
    const loading = Activation.load({ journal, lease, actor: ACTOR, behaviour: till, loadState: async () => (lease.lose(), kept) });

    await expect(run(loading)).rejects.toMatchObject({ code: 'journal.shard_lost' });
  });

  function load(version: Version<Till>): Promise<Activation<Till, Take, Taken, Receipt>> {
    const loadState = async (): Promise<Version<Till>> => ((loads += 1), version);
    return run(Activation.load({ journal, lease, actor: ACTOR, behaviour: till, loadState }));
  }

  async function run<T>(promise: Promise<T>): Promise<T> {
    promise.catch(() => undefined);
    await runtime.advance(10);
    return promise;
  }
});

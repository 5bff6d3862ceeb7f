import fc from 'fast-check';
import { VirtualRuntime } from '@aisle/std/testing';
import { Activation } from './activation.ts';
import { eventsOf } from './json-bytes.ts';
import { UnstorableEvent } from './journal-failures.ts';
import { Journal } from './journal.ts';
import type { JournalRow } from './journal-storage.ts';
import type { Lease } from './lease.ts';
import { MemoryJournal } from './testing/memory-journal.ts';
import { take, till } from './testing/till.ts';
import type { Receipt, Take, Taken, Till } from './testing/till.ts';

const TILLS = 6;
/** An amount that the storage does not take. */
const UNSTORABLE = 13;

type Step =
  | { readonly do: 'take'; readonly till: number; readonly amount: number }
  | { readonly do: 'read'; readonly till: number }
  | { readonly do: 'wait'; readonly ms: number };

const steps: fc.Arbitrary<Step[]> = fc.array(fc.oneof(
  { weight: 10, arbitrary: fc.record({
    do: fc.constant('take' as const), till: fc.nat(TILLS - 1), amount: fc.constantFrom(1, 2, 3, 4, 5, UNSTORABLE),
  }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), till: fc.nat(TILLS - 1) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(15) }) },
), { maxLength: 80 });

describe('Actors that share a lane', () => {
  it('decide every storable command as if the unstorable ones had never come', async () => {
    await fc.assert(fc.asyncProperty(steps, fc.integer({ min: 1 }), async (plan, seed) => {
      const runtime = new VirtualRuntime(seed);
      const isUnstorable = (row: JournalRow): boolean => eventsOf<Taken>(row).some(({ amount }) => amount === UNSTORABLE);
      const memory = new MemoryJournal(runtime, { latencyMs: () => 1 + runtime.random.int(9), isUnstorable });
      const journal = new Journal({ storage: memory.storage('node'), runtime });
      const tills = await opened(journal, runtime);
      const totals = Array<number>(TILLS).fill(0);
      const outcomes: Promise<void>[] = [];

      for (const [index, step] of plan.entries()) {
        if (step.do === 'wait') await runtime.advance(step.ms);
        else if (step.do === 'read') outcomes.push(expectRead(tills[step.till] as Activated, totals[step.till] as number));
        else if (step.amount === UNSTORABLE) outcomes.push(expectBug((tills[step.till] as Activated).submit(take(`${index}`, step.amount)), step.till));
        else {
          const total = (totals[step.till] = (totals[step.till] as number) + step.amount);
          outcomes.push(expectTotal((tills[step.till] as Activated).submit(take(`${index}`, step.amount)), total));
        }
        expect(journal.retryAfterMs).toBe(0);
      }
      await runtime.advance(60_000);
      await Promise.all(outcomes);
    }), { numRuns: 300 });
  });
});

type Activated = Activation<Till, Take, Taken, Receipt>;

/** Actors on shards of one lane. */
async function opened(journal: Journal, runtime: VirtualRuntime): Promise<Activated[]> {
  const opening = Promise.all([0, 2].map((shard) => journal.claim(shard, 0) as Promise<Lease>)).then((leases) =>
    Promise.all(Array.from({ length: TILLS }, (_, number) =>
      Activation.load({ journal, lease: leases[number % 2] as Lease, actor: `till ${number}`, behaviour: till }))));
  await runtime.advance(100);
  return opening;
}

async function expectTotal(submitted: Promise<{ state: Till; outcome: Receipt }>, total: number): Promise<void> {
  expect(await submitted).toMatchObject({ outcome: { total }, state: { total } });
}

async function expectRead(actor: Activated, total: number): Promise<void> {
  expect(await actor.read((state) => state.total)).toBe(total);
}

async function expectBug(submitted: Promise<unknown>, number: number): Promise<void> {
  const bug: unknown = await submitted.catch((error: unknown) => error);
  expect(bug).toBeInstanceOf(UnstorableEvent);
  expect(bug).toMatchObject({ actor: `till ${number}`, code: '23514' });
}

import fc from 'fast-check';
import { isFailure } from '@aisle/std';
import { VirtualRuntime } from '@aisle/std/testing';
import { Activation } from './activation.ts';
import type { Reply } from './behaviour.ts';
import { UnstorableEvent } from './journal-failures.ts';
import { Journal } from './journal.ts';
import type { JournalRow, JournalStorage } from './journal-storage.ts';
import { faultyStorage } from './testing/faulty-storage.ts';
import type { CommitFault } from './testing/faulty-storage.ts';
import { MemoryJournal } from './testing/memory-journal.ts';
import { take, till } from './testing/till.ts';
import type { Receipt, Take, Taken, Till } from './testing/till.ts';

const KEY = { shard: 1, actor: 'till' };
const LIMIT = 60;
const COMMANDS = 12;
/** Commands whose event the storage never takes. */
const UNSTORABLE = new Set(['3', '8']);

type Step =
  | { readonly do: 'submit'; readonly command: number; readonly node: number }
  | { readonly do: 'read'; readonly node: number }
  | { readonly do: 'fail'; readonly fault: CommitFault }
  | { readonly do: 'wait'; readonly ms: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({
      do: fc.constant('submit' as const), command: fc.nat(COMMANDS - 1), node: fc.nat(1),
    }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('read' as const), node: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({
      do: fc.constant('fail' as const),
      fault: fc.constantFrom<CommitFault>('failed', 'unknown, written', 'unknown, not written'),
    }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(12) }) },
  ),
  { maxLength: 60 },
);

describe('Activation, under any faults and takeovers', () => {
  it('applies each storable command once, in one order, and answers nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1 }), async (plan, seed) => {
        const world = new World(seed);
        for (const step of plan) await world.perform(step);
        await world.finish();
        await world.check();
      }),
      { numRuns: 300 },
    );
  });
});

/**
 * Two nodes that take the shard from each other when asked, and clients that retry under the same id until they have an
 * answer.
 */
class World {
  private readonly runtime: VirtualRuntime;
  private readonly faults: CommitFault[] = [];
  private readonly nodes: Node[];
  private readonly storage: JournalStorage;
  private readonly replies: { command: number; reply: Reply<Till, Receipt> }[] = [];
  private readonly reads: { atLeast: number; seq: number; total: number }[] = [];
  private readonly unstorable: string[] = [];
  private answered = 0;

  constructor(seed: number) {
    this.runtime = new VirtualRuntime(seed);
    const latencyMs = (): number => 1 + this.runtime.random.int(9);
    const isUnstorable = ({ commandId }: JournalRow): boolean => UNSTORABLE.has(commandId);
    const memory = new MemoryJournal(this.runtime, { latencyMs, isUnstorable });
    const storage = (name: string): JournalStorage =>
      faultyStorage(memory.storage(name), () => this.faults.shift());
    this.nodes = [new Node(storage('node-0'), this.runtime), new Node(storage('node-1'), this.runtime)];
    this.storage = memory.storage('checker');
  }

  async perform(step: Step): Promise<void> {
    if (step.do === 'submit') void this.submit(step.command, step.node);
    if (step.do === 'read') void this.read(step.node);
    if (step.do === 'fail') this.faults.push(step.fault);
    if (step.do === 'wait') await this.runtime.advance(step.ms);
  }

  /** Faults stop, and every command is retried until it has an answer. */
  async finish(): Promise<void> {
    this.faults.length = 0;
    await this.runtime.advance(5_000);
    for (let command = 0; command < COMMANDS; command += 1) {
      for (let attempt = 0; attempt < 3; attempt += 1) {
        const tried = this.submit(command, 0);
        await this.runtime.advance(5_000);
        if (await tried) break;
      }
    }
  }

  async check(): Promise<void> {
    const load = this.storage.history(KEY, 0, 1_000);
    await this.runtime.advance(100);
    const rows = await load;
    const totals = [0];
    for (const row of rows) totals.push((totals.at(-1) as number) + amountOf(Number(row.commandId)));

    expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1));
    expect(new Set(rows.map(({ commandId }) => commandId)).size).toBe(rows.length);
    expect(rows.map(({ epoch }) => epoch)).toEqual(rows.map(({ epoch }) => epoch).sort((a, b) => a - b));
    expect(totals.every((total) => total <= LIMIT)).toBe(true);
    for (const { command, reply } of this.replies) {
      expect(rows[reply.seq - 1]?.commandId).toBe(String(command));
      expect(reply.state).toEqual({ total: totals[reply.seq], takes: reply.seq });
      expect(reply.outcome).toEqual({ total: totals[reply.seq] });
    }
    for (const { atLeast, seq, total } of this.reads) {
      expect(total).toBe(totals[seq]);
      expect(seq).toBeGreaterThanOrEqual(atLeast);
    }
    expect(this.unstorable.filter((command) => !UNSTORABLE.has(command))).toEqual([]);
    // Every command has an answer by now: it is in the journal, refused by the rule, or unstorable.
    expect(new Set(this.replies.map(({ command }) => String(command)))).toEqual(
      new Set(rows.map(({ commandId }) => commandId)));
  }

  private async submit(command: number, at: number): Promise<boolean> {
    try {
      const actor = await (this.nodes[at] as Node).actor();
      const reply = await actor.submit(take(String(command), amountOf(command), LIMIT));
      this.replies.push({ command, reply });
      this.answered = Math.max(this.answered, reply.seq);
      return true;
    } catch (error) {
      if (error instanceof UnstorableEvent) this.unstorable.push(String(command));
      else if (!isFailure(error)) throw error;
      return !isFailure(error) || error.kind === 'rejected';
    }
  }

  // A read counts only if the shard was still here afterwards. Whether a node without the shard may answer reads is
  // decided by its node lease, which is not part of the journal.
  private async read(at: number): Promise<void> {
    const atLeast = this.answered;
    const node = this.nodes[at] as Node;
    try {
      const actor = await node.actor();
      const seen = await actor.read(({ total }, seq) => ({ total, seq }));
      const [owner] = await this.storage.owners([KEY.shard]);
      if (owner?.epoch === node.epoch) this.reads.push({ atLeast, ...seen });
    } catch (error) {
      if (!isFailure(error)) throw error;
    }
  }
}

/** Claims if it has to, then loads, and keeps the actor until it is over. */
class Node {
  private readonly journal: Journal;
  private current: Promise<Activation<Till, Take, Taken, Receipt>> | undefined;
  private loaded: Activation<Till, Take, Taken, Receipt> | undefined;
  /** The epoch of the last shard lease; 0 before the first. */
  epoch = 0;

  constructor(storage: JournalStorage, runtime: VirtualRuntime) {
    this.journal = new Journal({ storage, runtime });
  }

  async actor(): Promise<Activation<Till, Take, Taken, Receipt>> {
    if (this.loaded?.over) this.drop();
    return (this.current ??= this.claimAndLoad());
  }

  private drop(): void {
    this.loaded = undefined;
    this.current = undefined;
  }

  private async claimAndLoad(): Promise<Activation<Till, Take, Taken, Receipt>> {
    try {
      const [seen] = await this.journal.owners([KEY.shard]);
      const lease = await this.journal.claim(KEY.shard, seen?.epoch ?? 0);
      if (!lease) throw Object.assign(new Error('slower'), { kind: 'unavailable', code: 'test.slower' });
      this.epoch = lease.epoch;
      const options = { journal: this.journal, lease, actor: KEY.actor, behaviour: till, snapshotEvery: 3 };
      return (this.loaded = await Activation.load(options));
    } catch (error) {
      this.drop();
      throw error;
    }
  }
}

function amountOf(command: number): number {
  return 1 + command;
}

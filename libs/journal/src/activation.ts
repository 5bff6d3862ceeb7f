import { evolved, rebuilt } from './behaviour.ts';
import type { Behaviour, Reply, Submission, Version } from './behaviour.ts';
import type { Appended } from './commit-queue.ts';
import { JournalFailure, UnstorableEvent } from './journal-failures.ts';
import type { Journal } from './journal.ts';
import { fromText, toBytes } from './json-bytes.ts';
import type { ActorHistory, ActorKey } from './journal-storage.ts';
import type { Lease } from './lease.ts';
import { RecentCommands, hashText } from './recent-commands.ts';
import { isFinal } from './recent-refusals.ts';
import type { KnownCommand } from './recent-commands.ts';

/** The actor, its rules, and the lease for its loads and writes. */
export interface ActivationOptions<State, Command, Event, Outcome> {
  readonly journal: Journal;
  readonly lease: Lease;
  readonly actor: string;
  readonly behaviour: Behaviour<State, Command, Event, Outcome>;
  /**
   * Reads the state and the number of its last command from rows of the app that each commit also writes. Then nothing
   * is rebuilt from the journal, and `restore` is not called. A snapshot only marks the part of the journal that may be
   * pruned. A replay returns its first outcome with the present state.
   */
  readonly loadState?: (() => Promise<Version<State>>) | undefined;
  /**
   * The minimum number of commands between snapshots. Another condition is that the events have as many bytes as the
   * last snapshot.
   */
  readonly snapshotEvery?: number | undefined;
  /** Requests that may wait for a commit; more are throttled. */
  readonly waitingMax?: number | undefined;
  /**
   * True if the node may answer from memory at this instant. It is asked in the turn in which a read or refusal reads
   * the state. By default always true. The fence protects writes, not reads.
   */
  readonly mayRead?: (() => boolean) | undefined;
}

/** The result of a command, once it is committed. */
interface Decided<State, Outcome> {
  readonly reply: Reply<State, Outcome>;
  readonly row: Parameters<Journal['append']>[1];
}

/** An accepted request without an answer. */
interface Entry {
  /** Decides on the latest state, committed or not. It runs again when a refusal by the journal resets that state. */
  evaluate(): void;
  /** Makes the answer. Absent while the entry's own commit is in flight. */
  answer?: (() => unknown) | undefined;
  /** Set once the answer is final. */
  final?: true;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

const SNAPSHOT_EVERY = 100;
const WAITING_MAX = 1_024;
const RECENT_MAX = 256;

/**
 * One actor in memory, on the node that holds its shard. A command is decided at once, on a state that runs ahead of
 * the journal, and many may be in flight. Requests are answered in order of arrival, and only from the head: an answer
 * leaves when everything it depends on is committed. When the journal refuses a command, the state is reset to the
 * committed one, and all unanswered requests run again.
 */
export class Activation<State, Command, Event, Outcome> {
  private readonly key: ActorKey;
  private readonly recent: RecentCommands;
  private readonly entries: Entry[] = [];
  private readonly undecided = new Set<string>();
  /** Commands that will be refused unless the journal has them. */
  private readonly refusing = new Set<string>();
  private committed: Version<State>;
  private latest: Version<State>;
  private underWay = 0;
  private refused = false;
  private ended: Error | undefined;
  private rowsSinceSnapshot: number;
  private bytesSinceSnapshot: number;
  private snapshotBytes: number;

  private constructor(
    private readonly options: ActivationOptions<State, Command, Event, Outcome>,
    history: ActorHistory,
    version: Version<State> = rebuilt(options.behaviour, history),
  ) {
    const { shard, actor, snapshot, rows } = history;
    this.key = { shard, actor };
    this.committed = version;
    this.latest = version;
    this.recent = new RecentCommands(RECENT_MAX, snapshot === undefined && rows.length === version.seq);
    for (const row of rows) this.recent.add(row.commandId, row);
    this.rowsSinceSnapshot = rows.length;
    this.bytesSinceSnapshot = rows.reduce((bytes, row) => bytes + row.events.length, 0);
    this.snapshotBytes = snapshot?.state.length ?? 0;
  }

  /** Loads the actor; several loads in one turn are one query. Throws `JournalFailure.shardLost`, `JournalFailure.unavailable`. */
  static async load<State, Command, Event, Outcome>(
    options: ActivationOptions<State, Command, Event, Outcome>,
  ): Promise<Activation<State, Command, Event, Outcome>> {
    const { journal, lease, actor, loadState } = options;
    if (!loadState) return new Activation(options, await journal.load(lease, actor));
    const version = await journal.loadUnder(lease, actor, loadState);
    return new Activation(options, { shard: lease.shard, actor, snapshot: undefined, rows: [] }, version);
  }

  /**
   * The state ahead of the journal, on which the next command will be decided. Use it for preparation, never for an
   * answer.
   */
  get latestState(): State {
    return this.latest.state;
  }

  /** The number of remembered commands, each of about 450 bytes. */
  get remembered(): number {
    return this.recent.size;
  }

  /** True if nothing waits here, so the actor may be dropped from memory. */
  get idle(): boolean {
    return this.entries.length === 0;
  }

  /** True once it is over for good: drop it, and load the actor again under a held lease. */
  get over(): boolean {
    return this.ended !== undefined || !this.options.lease.held;
  }

  /**
   * Runs a command once, however often it is submitted under its id, and answers after the commit. Throws:
   * - the refusal of `decide`, `JournalFailure.idempotencyMismatch`, `JournalFailure.answerPruned`, `JournalFailure.full`;
   * - `JournalFailure.unavailable`, `JournalFailure.shardLost`, `JournalFailure.actorOutdated` if nothing was written;
   * - `JournalFailure.outcomeUnknown` if it may have been written;
   * - `JournalFailure.leaseUncertain` in place of a refusal while this node may not read, since a refusal is a read.
   *
   * The bug `UnstorableEvent` concerns this command alone: the actor lives, and all other commands are decided as if it
   * had not come.
   */
  submit(submission: Submission<Command>): Promise<Reply<State, Outcome>> {
    return this.enter((entry) => this.decide(entry, submission));
  }

  /**
   * Reads the committed state, once every earlier request is answered. Throws `JournalFailure.leaseUncertain` if the node may not read
   * by then.
   */
  read<T>(look: (state: State, seq: number) => T): Promise<T> {
    return this.enter((entry) => {
      entry.answer = () => {
        this.checkMayRead();
        return look(this.committed.state, this.committed.seq);
      };
    });
  }

  /** Saves the committed state, so that the next owner replays fewer than `rowsMin` commands. */
  async snapshot(rowsMin = 1): Promise<void> {
    const { journal, behaviour } = this.options;
    const { seq, state } = this.committed;
    if (this.rowsSinceSnapshot < rowsMin) return;
    const bytes = toBytes(behaviour.save(state));
    this.rowsSinceSnapshot = 0;
    this.bytesSinceSnapshot = 0;
    this.snapshotBytes = bytes.length;
    const { schemaVersion } = behaviour;
    await journal.saveSnapshot(this.key, { seq, schemaVersion, state: bytes });
  }

  private enter<T>(evaluate: (entry: Entry) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.over) throw this.ended ?? JournalFailure.shardLost(this.key.shard);
      if (this.entries.length >= (this.options.waitingMax ?? WAITING_MAX)) throw JournalFailure.full(100);
      const entry: Entry = {
        evaluate: () => evaluate(entry),
        resolve: resolve as Entry['resolve'],
        reject,
      };
      this.entries.push(entry);
      if (!this.refused) entry.evaluate();
      this.release();
    });
  }

  private decide(entry: Entry, submission: Submission<Command>): void {
    // The duplicate check precedes every rule. An earlier waiting command with the same id answers for this one, too.
    const { id } = submission;
    if (this.recent.get(id) || this.undecided.has(id) || this.refusing.has(id)) {
      entry.answer = () => this.replay(submission);
      return;
    }
    // A late copy must not take effect after its sender was told that it is refused.
    const { lease: { refusals }, actor } = this.options;
    if (refusals.has(actor, id)) {
      entry.answer = () => refusals.answer(actor, submission);
      return;
    }
    let decided: Decided<State, Outcome>;
    try {
      decided = this.outcomeOf(submission);
    } catch (refusal) {
      if (isFinal(refusal)) this.undecided.add(id);
      entry.answer = () => this.refuse(submission, refusal);
      return;
    }
    this.append(entry, decided);
  }

  private outcomeOf({ id, payloadHash, command }: Submission<Command>): Decided<State, Outcome> {
    const { behaviour } = this.options;
    const { events, outcome } = behaviour.decide(this.latest.state, command);
    const state = evolved(behaviour, this.latest.state, events);
    const seq = this.latest.seq + 1;
    const { actor } = this.key;
    const written = { events: toBytes(events), outcome: toBytes(outcome) };
    return {
      reply: { seq, state, outcome, replayed: false },
      row: { actor, seq, commandId: id, payloadHash, ...written },
    };
  }

  private append(entry: Entry, { reply, row }: Decided<State, Outcome>): void {
    let appended: Promise<Appended>;
    try {
      appended = this.options.journal.append(this.options.lease, row);
    } catch (failure) {
      entry.answer = throwing(failure);
      return;
    }
    this.latest = reply;
    this.undecided.add(row.commandId);
    this.underWay += 1;
    entry.answer = undefined;
    void appended.then((result) => {
      this.underWay -= 1;
      if (result.kind === 'committed') this.commit(entry, { reply, row });
      else this.takeBack(entry, row.commandId, result);
      this.release();
    });
  }

  private commit(entry: Entry, { reply, row }: Decided<State, Outcome>): void {
    this.committed = { seq: reply.seq, state: reply.state };
    this.undecided.delete(row.commandId);
    this.recent.add(row.commandId, row);
    entry.answer = () => reply;
    entry.final = true;
    this.rowsSinceSnapshot += 1;
    this.bytesSinceSnapshot += row.events.length;
    const due = this.rowsSinceSnapshot >= (this.options.snapshotEvery ?? SNAPSHOT_EVERY);
    // At most as many bytes as the events themselves, so that the write of an add does not grow with the basket.
    if (!due || this.bytesSinceSnapshot < this.snapshotBytes) return;
    // Without the snapshot a load replays more, and the next one tries again.
    this.snapshot().catch(() => undefined);
  }

  private takeBack(entry: Entry, id: string, result: Exclude<Appended, { kind: 'committed' }>): void {
    this.refused = true;
    const { shard } = this.key;
    switch (result.kind) {
      case 'duplicate':
        this.recent.add(id, result.recorded);
        return;
      case 'sibling':
        return;
      case 'failed':
        return this.finish(entry, JournalFailure.unavailable(this.options.journal.retryAfterMs));
      case 'unstorable':
        return this.finish(entry, new UnstorableEvent(this.key.actor, result.refusal));
      case 'conflict':
        this.ended ??= JournalFailure.actorOutdated(shard);
        return;
      case 'lost':
        this.ended ??= JournalFailure.shardLost(shard);
        return;
      case 'unknown':
        this.ended ??= JournalFailure.shardLost(shard);
        return this.finish(entry, JournalFailure.outcomeUnknown(shard));
    }
  }

  private finish(entry: Entry, failure: Error): void {
    entry.answer = throwing(failure);
    entry.final = true;
  }

  /** Releases answers from the head, up to the first open one. */
  private release(): void {
    if (this.refused) {
      if (this.underWay > 0) return;
      this.runAgain();
    }
    for (let head = this.entries[0]; head?.answer; head = this.entries[0]) {
      this.entries.shift();
      try {
        head.resolve(head.answer());
      } catch (error) {
        head.reject(error);
      }
    }
  }

  private runAgain(): void {
    this.refused = false;
    this.latest = this.committed;
    this.undecided.clear();
    for (const entry of this.entries) {
      if (entry.final) continue;
      if (this.ended) this.finish(entry, this.ended);
      else entry.evaluate();
    }
  }

  private async replay({ id, payloadHash }: Submission<Command>): Promise<Reply<State, Outcome>> {
    const { journal, behaviour, actor, lease: { refusals } } = this.options;
    const isRefused = (): boolean => refusals.has(actor, id);
    const known = this.recent.get(id) ?? (isRefused() ? undefined : await this.find(id));
    if (!known && isRefused()) return refusals.answer(actor, { id, payloadHash });
    // Its first copy was to be refused, but this node was not sure of its lease.
    if (!known) throw JournalFailure.leaseUncertain(this.key.shard);
    if (known.payloadHash !== hashText(payloadHash)) throw JournalFailure.idempotencyMismatch(id);
    let version = this.committed;
    if (version.seq !== known.seq && !this.options.loadState) {
      version = rebuilt(behaviour, await journal.loadAt(this.key, known.seq));
      if (version.seq !== known.seq) throw JournalFailure.answerPruned(id);
    }
    const { seq } = known;
    return { seq, state: version.state, outcome: fromText(known.outcome) as Outcome, replayed: true };
  }

  // A retry of an old successful command gets its answer, not the present verdict of the rules.
  private async refuse(submission: Submission<Command>, refusal: unknown): Promise<Reply<State, Outcome>> {
    const { lease: { refusals }, actor } = this.options;
    this.undecided.delete(submission.id);
    this.checkMayRead();
    if (!this.recent.complete) {
      // Copies that come in the meantime wait for the same answer.
      this.refusing.add(submission.id);
      try {
        if (await this.find(submission.id)) return await this.replay(submission);
      } finally {
        this.refusing.delete(submission.id);
      }
    }
    refusals.add(actor, submission, refusal);
    throw refusal;
  }

  private checkMayRead(): void {
    if (this.options.mayRead?.() === false) throw JournalFailure.leaseUncertain(this.key.shard);
  }

  private async find(id: string): Promise<KnownCommand | undefined> {
    const recorded = await this.options.journal.findByCommandId(this.key, id);
    return recorded && this.recent.add(id, recorded);
  }
}

function throwing(error: unknown): () => never {
  return () => {
    throw error;
  };
}

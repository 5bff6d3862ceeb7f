import type { DataRefusal } from '@aisle/persistence';
import { assert } from '@aisle/std';
import type { Runtime } from '@aisle/std';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { JournalFailure } from './journal-failures.ts';
import type { CommitAnswer, JournalRow, JournalStorage, Recorded, Refusal } from './journal-storage.ts';
import type { Lease } from './lease.ts';

/** The outcome of an appended row. Only `committed` may be acknowledged. */
export type Appended =
  | { readonly kind: 'committed' }
  /** Not written: the actor has this command already. */
  | { readonly kind: 'duplicate'; readonly recorded: Recorded }
  /** Not written, because another row of the actor was refused: run the command again. */
  | { readonly kind: 'sibling' }
  /** Not written: the sequence number is taken. The actor's memory is wrong, so drop it. */
  | { readonly kind: 'conflict' }
  /** Not written: the node no longer has the shard. */
  | { readonly kind: 'lost' }
  /** Not written: the storage is away or refused the whole batch. */
  | { readonly kind: 'failed' }
  /** Not written: the storage refuses the data of this row, and always will. */
  | { readonly kind: 'unstorable'; readonly refusal: DataRefusal }
  /** Unknown whether it was written. The lease is lost as well. */
  | { readonly kind: 'unknown' };

export interface CommitQueueLimits {
  readonly batchRowsMax: number;
  readonly batchBytesMax: number;
  readonly queueRowsMax: number;
  readonly queueBytesMax: number;
}

/** A row without shard and epoch, which come from its lease. */
export type ActorRow = Omit<JournalRow, 'shard' | 'epoch'>;

interface Queued {
  readonly row: ActorRow;
  readonly lease: Lease;
  readonly bytes: number;
  readonly answer: (appended: Appended) => void;
}

interface Lane {
  readonly index: number;
  readonly waiting: Queued[];
  /** Parts of a batch with an unstorable row, the next one last. They precede all waiting rows. */
  parts: (readonly Queued[])[];
  flying: readonly Queued[];
  bytes: number;
  scheduled: boolean;
}

const COMMITTED: Appended = { kind: 'committed' };
// A full queue drains in about this time, at the rate that fills it.
const DRAIN_MS = 100;

/**
 * Group commit without a timer: rows that queue while a batch is in flight are the next batch. A shard's rows stay in
 * one lane and keep their order. A refusal also answers the waiting rows of its actor before the next batch leaves. So
 * no row is written that was decided on a state that never existed.
 *
 * A batch with an unstorable row is committed in halves until that row stands alone. Each half has whole actors. Only
 * the rows of a single actor are split, and then the later half leaves after the earlier one has committed. The rows
 * behind the unstorable one are answered as siblings, to be decided again.
 */
export class CommitQueue {
  private readonly lanes: readonly Lane[];
  private waiters: (() => void)[] = [];
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly storage: Pick<JournalStorage, 'commit' | 'lanes'>,
    private readonly runtime: Pick<Runtime, 'defer'>,
    private readonly breaker: CircuitBreaker,
    private readonly limits: CommitQueueLimits,
  ) {
    this.lanes = Array.from({ length: storage.lanes }, (_, index) => ({
      index, waiting: [], parts: [], flying: [], bytes: 0, scheduled: false,
    }));
  }

  /** Throws `JournalFailure.shardLost`, `JournalFailure.unavailable` or `JournalFailure.full` at once, with nothing queued. */
  append(lease: Lease, row: ActorRow): Promise<Appended> {
    checkRow(row);
    if (!lease.held) throw JournalFailure.shardLost(lease.shard);
    this.breaker.guard();
    const lane = this.laneOf(lease.shard);
    const bytes = row.events.length + row.outcome.length;
    const full = lane.waiting.length >= this.limits.queueRowsMax
      || lane.bytes + bytes > this.limits.queueBytesMax;
    if (full) throw JournalFailure.full(DRAIN_MS);

    return new Promise((answer) => {
      lane.waiting.push({ row, lease, bytes, answer });
      lane.bytes += bytes;
      this.schedule(lane);
    });
  }

  /** Calls `listener` after each batch that may have been committed. */
  onCommit(listener: () => void): void {
    this.listeners.push(listener);
  }

  private pending(shard: number, actor?: string): number {
    const { flying, parts, waiting } = this.laneOf(shard);
    const counts = ({ row, lease }: Queued): boolean =>
      lease.shard === shard && (actor === undefined || row.actor === actor);
    return [flying, ...parts, waiting].reduce((sum, rows) => sum + rows.filter(counts).length, 0);
  }

  /** Resolves once every row of this shard, or of this actor, has an answer. */
  async settled(shard: number, actor?: string): Promise<void> {
    while (this.pending(shard, actor) > 0) await new Promise<void>((wake) => this.waiters.push(wake));
  }

  private laneOf(shard: number): Lane {
    return this.lanes[shard % this.lanes.length] as Lane;
  }

  // Start at the end of the turn, so that all commands of one frame share the first batch.
  private schedule(lane: Lane): void {
    if (lane.scheduled || lane.flying.length > 0) return;
    lane.scheduled = true;
    this.runtime.defer(() => {
      lane.scheduled = false;
      void this.flush(lane);
    });
  }

  private async flush(lane: Lane): Promise<void> {
    while (lane.parts.length > 0 || lane.waiting.length > 0) {
      lane.flying = lane.parts.pop() ?? this.nextBatch(lane);
      const answer = await this.storage.commit(lane.index, lane.flying.map(journalRow));
      const batch = lane.flying;
      lane.flying = [];
      this.settle(lane, batch, answer);
      for (const listener of this.listeners) listener();
      for (const wake of this.waiters.splice(0)) wake();
    }
  }

  private nextBatch(lane: Lane): Queued[] {
    let bytes = 0;
    let rows = 0;
    for (const queued of lane.waiting) {
      bytes += queued.bytes;
      if (rows > 0 && (rows >= this.limits.batchRowsMax || bytes > this.limits.batchBytesMax)) break;
      rows += 1;
    }
    const batch = lane.waiting.splice(0, rows);
    for (const queued of batch) lane.bytes -= queued.bytes;
    return batch;
  }

  private settle(lane: Lane, batch: readonly Queued[], answer: CommitAnswer): void {
    if (answer.kind === 'answered') {
      this.breaker.succeeded();
      this.settleRows(lane, batch, answer.refusals);
    } else if (answer.kind === 'unstorable') {
      // The storage is there and examined each row.
      this.breaker.succeeded();
      this.settleUnstorable(lane, batch, answer.refusal);
    } else if (answer.kind === 'failed') {
      this.breaker.failed();
      answerAll(batch, { kind: 'failed' });
      this.sweep(lane, () => true, { kind: 'failed' });
    } else {
      for (const { lease } of batch) lease.lose();
      answerAll(batch, { kind: 'unknown' });
      this.sweep(lane, ({ lease }) => !lease.held, { kind: 'lost' });
    }
  }

  private settleRows(lane: Lane, batch: readonly Queued[], refusals: readonly Refusal[]): void {
    const refused = new Map(refusals.map((refusal) => [refusal.index, refusal]));
    const actors = new Set<string>();
    batch.forEach(({ row, lease, answer }, index) => {
      const refusal = refused.get(index);
      if (!refusal) return answer(COMMITTED);
      actors.add(nameOf({ row, lease }));
      if (refusal.reason === 'fenced') lease.lose();
      answer(appendedFrom(refusal));
    });
    if (actors.size === 0) return;
    this.sweep(lane, ({ lease }) => !lease.held, { kind: 'lost' });
    this.sweep(lane, (queued) => actors.has(nameOf(queued)), { kind: 'sibling' });
  }

  private settleUnstorable(lane: Lane, batch: readonly Queued[], refusal: DataRefusal): void {
    const [only, ...others] = batch;
    if (others.length > 0) return void lane.parts.push(...halvesOf(batch).reverse());
    only?.answer({ kind: 'unstorable', refusal });
    this.sweep(lane, (queued) => nameOf(queued) === nameOf(only as Queued), { kind: 'sibling' });
  }

  /** Answers unsent rows without sending them. */
  private sweep(lane: Lane, which: (queued: Queued) => boolean, appended: Appended): void {
    const isKept = (queued: Queued): boolean => !which(queued);
    const swept = lane.waiting.filter(which);
    for (const queued of swept) lane.bytes -= queued.bytes;
    swept.unshift(...lane.parts.toReversed().flatMap((part) => part.filter(which)));
    lane.waiting.splice(0, lane.waiting.length, ...lane.waiting.filter(isKept));
    lane.parts = lane.parts.map((part) => part.filter(isKept)).filter((part) => part.length > 0);
    answerAll(swept, appended);
  }
}

// A row that the storage cannot take would fail the whole batch, and with it the commands of others.
function checkRow({ actor, seq, commandId, payloadHash }: ActorRow): void {
  assert(Number.isSafeInteger(seq) && seq >= 1, 'a sequence number counts from 1');
  assert(commandId.length >= 1 && commandId.length <= 128, 'a command id has 1 to 128 characters');
  assert(payloadHash.length <= 32, 'a payload hash has at most 32 bytes');
  assert(isText(actor) && isText(commandId), 'names are text that PostgreSQL takes');
}

// A lone surrogate would be stored as U+FFFD, and two names would become one.
function isText(name: string): boolean {
  return !name.includes('\0') && !/\p{Surrogate}/u.test(name);
}

// Uses the present epoch: the shard may have been claimed again since the row was queued.
function journalRow({ row, lease: { shard, epoch } }: Queued): JournalRow {
  const { actor, seq, commandId, payloadHash, events, outcome } = row;
  return { shard, epoch, actor, seq, commandId, payloadHash, events, outcome };
}

function nameOf({ row, lease }: Pick<Queued, 'row' | 'lease'>): string {
  return `${lease.shard}/${row.actor}`;
}

/** Halves by actors; of a single actor, its earlier and its later rows. */
function halvesOf(batch: readonly Queued[]): [Queued[], Queued[]] {
  const actors = [...new Set(batch.map(nameOf))];
  const first = new Set(actors.slice(0, actors.length >>> 1));
  const isFirst = (queued: Queued, index: number): boolean =>
    actors.length > 1 ? first.has(nameOf(queued)) : index < batch.length >>> 1;
  return [batch.filter(isFirst), batch.filter((queued, index) => !isFirst(queued, index))];
}

function answerAll(rows: readonly Queued[], appended: Appended): void {
  for (const { answer } of rows) answer(appended);
}

function appendedFrom(refusal: Refusal): Appended {
  if (refusal.reason === 'duplicate') return { kind: 'duplicate', recorded: refusal.recorded };
  return { kind: refusal.reason === 'fenced' ? 'lost' : refusal.reason };
}

import { sleep } from '@aisle/std';
import type { Runtime } from '@aisle/std';
import { retentionFloorMs } from '../journal-storage.ts';
import type {
  ActorHistory, ActorKey, ClaimAnswer, CommitAnswer, JournalRow, JournalStorage, LoadRequest, PruneLimits,
  Recorded, RecordedRow, Refusal, ShardOwner, ShardPosition, Snapshot,
} from '../journal-storage.ts';

interface Lease {
  epoch: number;
  owner: string | null;
  token: string | null;
}

interface Actor {
  rows: RecordedRow[];
  snapshots: Snapshot[];
}

/** The latency of the storage. */
export interface MemoryJournalOptions {
  /** The duration of each call, which takes effect half-way; 0 by default. */
  readonly latencyMs?: (() => number) | undefined;
  /** The rows that the storage cannot take, like constraints of a database. It takes all by default. */
  readonly isUnstorable?: ((row: JournalRow) => boolean) | undefined;
}

/**
 * The journal's twin in memory, for simulations: one per world, and one `storage` view per node. It keeps the contract
 * of the SQL functions, the fence included. A call takes effect at one instant.
 */
export class MemoryJournal {
  private readonly leases = new Map<number, Lease>();
  private readonly actors = new Map<string, Actor>();
  private readonly shards = new Map<number, RecordedRow[]>();
  private readonly checkpoints = new Map<string, Map<number, number>>();
  private lastPos = 0;

  constructor(
    private readonly runtime: Pick<Runtime, 'clock' | 'timers'>,
    private readonly options: MemoryJournalOptions = {},
  ) {}

  /** The journal as the node of this incarnation sees it. */
  storage(incarnation: string): JournalStorage {
    const call = async <T>(effect: () => T): Promise<T> => {
      const latencyMs = this.options.latencyMs?.() ?? 0;
      if (latencyMs > 0) await sleep(this.runtime, latencyMs / 2);
      else await Promise.resolve();
      const result = effect();
      if (latencyMs > 0) await sleep(this.runtime, latencyMs / 2);
      return result;
    };
    return {
      incarnation,
      lanes: 2,
      owners: (shards) => call(() => shards.map((shard) => this.owner(shard))),
      claim: (shard, epoch, token) => call(() => this.claim(incarnation, shard, epoch, token)),
      release: (shard, epoch) => call(() => this.release(shard, epoch)),
      commit: (_lane, rows) => call(() => this.commit(rows)),
      load: (requests) => call(() => requests.map((request) => this.load(request))),
      history: (key, afterSeq, limit) =>
        call(() => this.actor(key).rows.filter((row) => row.seq > afterSeq).slice(0, limit)),
      findByCommandId: (key, commandId) => call(() => this.find(key, commandId)),
      saveSnapshot: (key, snapshot) => call(() => this.saveSnapshot(key, snapshot)),
      readAfter: (positions, limit) =>
        call(() => positions.flatMap((position) => this.after(position, limit))),
      checkpoints: (consumer) => call(() => this.positions(consumer)),
      saveCheckpoints: (consumer, positions) => call(() => this.advance(consumer, positions)),
      forgetConsumer: (consumer) => call(() => void this.checkpoints.delete(consumer)),
      prune: (shard, limits) => call(() => this.prune(shard, limits)),
      close: () => Promise.resolve(),
    };
  }

  /** The owner of a shard at this instant, for checkers, which see everything. */
  owner(shard: number): ShardOwner {
    const { epoch, owner } = this.leases.get(shard) ?? { epoch: 0, owner: null };
    return { shard, epoch, owner };
  }

  private claim(owner: string, shard: number, expectedEpoch: number, token: string): ClaimAnswer {
    const lease = this.leases.get(shard) ?? { epoch: 0, owner: null, token: null };
    this.leases.set(shard, lease);
    if (lease.epoch === expectedEpoch) {
      lease.epoch += 1;
      lease.owner = owner;
      lease.token = token;
    }
    return { ...this.owner(shard), granted: lease.token === token };
  }

  private release(shard: number, epoch: number): boolean {
    const lease = this.leases.get(shard);
    if (!lease || lease.epoch !== epoch || lease.owner === null) return false;
    lease.owner = null;
    lease.token = null;
    return true;
  }

  private commit(rows: readonly JournalRow[]): CommitAnswer {
    const reasons = rows.map((row, index) => this.refusal(rows, row, index));
    const refused = new Set(rows.filter((_, index) => reasons[index]).map(nameOf));
    const { isUnstorable = () => false } = this.options;
    // A refused row is not written, so it cannot make the batch unstorable.
    if (rows.some((row) => !refused.has(nameOf(row)) && isUnstorable(row))) return { kind: 'unstorable', refusal: REFUSAL };
    const refusals: Refusal[] = [];
    rows.forEach((row, index) => {
      if (refused.has(nameOf(row))) refusals.push(reasons[index] ?? { index, reason: 'sibling' });
      else this.write(row);
    });
    return { kind: 'answered', refusals };
  }

  /** Overridden to plant a bug. */
  protected refusal(batch: readonly JournalRow[], row: JournalRow, index: number): Refusal | undefined {
    if (this.owner(row.shard).epoch !== row.epoch) return { index, reason: 'fenced' };
    const recorded = this.find(row, row.commandId);
    if (recorded) return { index, reason: 'duplicate', recorded };
    const siblings = batch.filter((other) => nameOf(other) === nameOf(row));
    const taken = this.actor(row).rows.some(({ seq }) => seq === row.seq);
    if (taken || siblings.filter(({ seq }) => seq === row.seq).length > 1) return { index, reason: 'conflict' };
    const sameId = siblings.filter(({ commandId }) => commandId === row.commandId);
    return sameId.length > 1 ? { index, reason: 'sibling' } : undefined;
  }

  private write(row: JournalRow): void {
    this.lastPos += 1;
    const recorded = { ...row, pos: this.lastPos, atMs: this.runtime.clock.nowMs() };
    const { rows } = this.actor(row);
    rows.push(recorded);
    rows.sort((one, other) => one.seq - other.seq);
    const shard = this.shards.get(row.shard) ?? [];
    this.shards.set(row.shard, shard);
    shard.push(recorded);
  }

  private actor(key: ActorKey): Actor {
    const actor = this.actors.get(nameOf(key)) ?? { rows: [], snapshots: [] };
    this.actors.set(nameOf(key), actor);
    return actor;
  }

  private find(key: ActorKey, commandId: string): Recorded | undefined {
    const row = this.actor(key).rows.find((known) => known.commandId === commandId);
    return row && { seq: row.seq, payloadHash: row.payloadHash, outcome: row.outcome };
  }

  private load({ shard, actor, upToSeq = Infinity }: LoadRequest): ActorHistory {
    const { rows, snapshots } = this.actor({ shard, actor });
    const snapshot = snapshots.filter(({ seq }) => seq <= upToSeq).at(-1);
    const baseSeq = snapshot?.seq ?? 0;
    return {
      shard, actor, snapshot, rows: rows.filter(({ seq }) => seq > baseSeq && seq <= upToSeq),
    };
  }

  private saveSnapshot(key: ActorKey, snapshot: Snapshot): void {
    const { snapshots } = this.actor(key);
    if (snapshots.some(({ seq }) => seq === snapshot.seq)) return;
    snapshots.push(snapshot);
    snapshots.sort((left, right) => left.seq - right.seq);
  }

  private after({ shard, pos }: ShardPosition, limit: number): RecordedRow[] {
    return (this.shards.get(shard) ?? []).filter((row) => row.pos > pos).slice(0, limit);
  }

  private positions(consumer: string): ShardPosition[] {
    return [...(this.checkpoints.get(consumer) ?? [])].map(([shard, pos]) => ({ shard, pos }));
  }

  private advance(consumer: string, positions: readonly ShardPosition[]): void {
    const known = this.checkpoints.get(consumer) ?? new Map<number, number>();
    this.checkpoints.set(consumer, known);
    for (const { shard, pos } of positions) known.set(shard, Math.max(pos, known.get(shard) ?? 0));
  }

  private prune(shard: number, { retentionMs, actorsMax }: PruneLimits): number {
    const oldBeforeMs = this.runtime.clock.nowMs() - Math.max(retentionMs, retentionFloorMs);
    const readPos = Math.min(...[...this.checkpoints.values()].map((known) => known.get(shard) ?? 0));
    const old = (row: RecordedRow): boolean => row.atMs < oldBeforeMs && row.pos <= readPos;
    let deleted = 0;
    let actors = 0;
    for (const actor of this.actors.values()) {
      const first = actor.snapshots
        .map(({ seq }) => actor.rows.find((row) => row.seq === seq))
        .findLast((row) => row && row.shard === shard && old(row));
      const below = first ? actor.rows.filter(({ seq }) => seq < first.seq) : [];
      if (!first || below.length === 0) continue;
      if ((actors += 1) > actorsMax) break;
      deleted += below.length;
      actor.rows = actor.rows.filter(({ seq }) => seq >= first.seq);
      actor.snapshots = actor.snapshots.filter(({ seq }) => seq >= first.seq);
      this.shards.set(shard, (this.shards.get(shard) ?? []).filter((row) => !below.includes(row)));
    }
    return deleted;
  }
}

const REFUSAL = { sqlState: '23514', table: 'journal', constraint: 'planted' };

function nameOf({ shard, actor }: ActorKey): string {
  return `${shard}/${actor}`;
}

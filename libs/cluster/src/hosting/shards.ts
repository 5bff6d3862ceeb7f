import { JournalFailure, type Journal, type Lease, type ShardOwner } from '@aisle/journal';
import type { Membership } from '@aisle/registry/membership';
import type { ClusterView } from '../storage/cluster-storage.ts';

/** Whose shards, and what has to happen to the actors on them. */
export interface ShardsOptions {
  readonly journal: Pick<Journal, 'claim' | 'claimAgain' | 'owners' | 'release' | 'disown'>;
  readonly incarnation: string;
  /** Lets the shard's work come to its end, saves it, and ends its actors. No work comes after it was called. */
  readonly drain: (shard: number) => Promise<void>;
  /** The shard was lost: its actors can commit nothing any more. */
  readonly onLost: (shard: number) => void;
  readonly onFailed: (shard: number, error: unknown) => void;
}

/**
 * The shards that this node owns. It follows the placement: what is meant for it and free it claims, what is
 * meant for another living node it drains and releases. Whoever claims without a release must first be certain
 * that the old owner is dead, and by then that one answers no reads (`Membership`, `NodeLease`).
 */
export class Shards {
  private readonly leases = new Map<number, Lease>();
  private readonly claiming = new Map<number, Promise<void>>();
  private readonly leaving = new Map<number, Promise<void>>();
  /** Held before this node's lease ran out, and not claimed again since. */
  private readonly unproven = new Set<number>();
  private readonly meant = new Set<number>();
  private closed = false;
  /** How often this node's lease ran out. */
  private lapses = 0;

  constructor(private readonly options: ShardsOptions) {}

  /** The shards held at this instant. */
  get held(): readonly number[] {
    return [...this.leases.values()].filter(({ held }) => held).map(({ shard }) => shard);
  }

  /** The number of shards that are just being taken or given away. */
  get moving(): number {
    return this.claiming.size + this.leaving.size;
  }

  /** True for a shard whose commands this node takes: it is held, or just being claimed, and not leaving. */
  accepts(shard: number): boolean {
    if (this.closed || this.leaving.has(shard)) return false;
    return this.leases.get(shard)?.held === true || this.claiming.has(shard) || this.meant.has(shard);
  }

  /** False from the moment at which the node's lease ran out until the shard was claimed again. */
  isProven(shard: number): boolean {
    return !this.unproven.has(shard);
  }

  /** The shard's lease; while it is being claimed, once that is done. Throws `JournalFailure.shardLost`. */
  async lease(shard: number): Promise<Lease> {
    if (!this.accepts(shard)) throw JournalFailure.shardLost(shard);
    let lease = this.leases.get(shard);
    if (lease?.held) return lease;
    if (!this.claiming.has(shard)) await this.claimLost(shard);
    await this.claiming.get(shard);
    lease = this.leases.get(shard);
    if (!lease?.held) throw JournalFailure.shardLost(shard);
    return lease;
  }

  /** Follows what the cluster looks like now. True while something is on the move. */
  onView({ owners, placement }: ClusterView, members: Membership): boolean {
    for (const row of owners) this.follow(row, placement.targets[row.shard] ?? null, members);
    return this.moving > 0 || owners.some(({ owner, shard }) => this.isDue(owner, placement.targets[shard], members));
  }

  /** Nothing held may be trusted until it is claimed again: the node's lease had run out. */
  onLate(): void {
    this.lapses += 1;
    for (const lease of this.leases.values()) {
      if (!lease.held) continue;
      this.unproven.add(lease.shard);
      if (this.leaving.has(lease.shard) || this.claiming.has(lease.shard)) continue;
      this.during(this.claiming, lease.shard, this.prove(lease));
    }
  }

  /** Takes no more shards, and gives back those that nobody else is there to take over. */
  async releaseAll(): Promise<void> {
    this.closed = true;
    await Promise.all(this.claiming.values());
    for (const lease of this.leases.values()) if (lease.held) this.leave(lease);
    await Promise.all(this.leaving.values());
  }

  /** Takes no more shards or commands; `onView` hands over what is held, as the allocator finds others for it. */
  close(): void {
    this.closed = true;
  }

  private follow(row: ShardOwner, target: string | null, members: Membership): void {
    const { shard, owner, epoch } = row;
    if (this.claiming.has(shard) || this.leaving.has(shard)) return;

    const { incarnation } = this.options;
    const lease = this.leases.get(shard);
    const isMine = target === incarnation && !this.closed;
    // A claim or a release whose answer was lost: the row names us, and nothing of it is here.
    const isOrphan = owner === incarnation && !lease?.held;
    if (isMine) this.meant.add(shard);
    else this.meant.delete(shard);

    if (lease?.held) {
      // A view may be older than the claim; an epoch above our own can't be.
      if (epoch > lease.epoch) this.lose(lease);
      else if (target !== incarnation && target !== null && members.isAlive(target)) this.leave(lease);
      // The storage was away when it was tried first.
      else if (this.unproven.has(shard)) this.during(this.claiming, shard, this.prove(lease));
    } else if (isMine && (owner === null || isOrphan || members.isDead(owner))) {
      this.claim(shard, epoch);
    } else if (isOrphan) {
      this.disown(shard, epoch);
    }
  }

  private isDue(owner: string | null, target: string | null | undefined, members: Membership): boolean {
    const { incarnation } = this.options;
    if (owner === target) return false;
    return target === incarnation || owner === incarnation || (owner !== null && members.isDead(owner));
  }

  private claim(shard: number, epoch: number): void {
    const { journal } = this.options;
    const lapses = this.lapses;
    const claimed = async (): Promise<void> => {
      const lease = await journal.claim(shard, epoch);
      if (!lease) return;
      this.unproven.delete(shard);
      this.leases.set(shard, lease);
      // Others may have found us dead before the claim, and be on their way to take the shard.
      if (lapses === this.lapses) return;
      this.unproven.add(shard);
      await this.prove(lease);
    };
    this.during(this.claiming, shard, claimed());
  }

  // Lost here by an unknown outcome, and still ours as far as anybody knows.
  private async claimLost(shard: number): Promise<void> {
    const [row] = await this.options.journal.owners([shard]);
    const { incarnation } = this.options;
    const isOurs = row?.owner === incarnation || row?.owner === null;
    if (!row || !isOurs || !this.accepts(shard)) throw JournalFailure.shardLost(shard);
    if (!this.claiming.has(shard) && this.leases.get(shard)?.held !== true) this.claim(shard, row.epoch);
  }

  /** The same owner, a higher epoch: whoever was about to take over by the old one can't any more. */
  private async prove(lease: Lease): Promise<void> {
    for (let lapses = -1; lapses !== this.lapses; ) {
      lapses = this.lapses;
      if (!(await this.options.journal.claimAgain(lease))) return this.lose(lease);
    }
    this.unproven.delete(lease.shard);
  }

  private leave(lease: Lease): void {
    const { journal, drain } = this.options;
    const { shard } = lease;
    const left = async (): Promise<void> => {
      await drain(shard);
      this.leases.delete(shard);
      await journal.release(lease);
    };
    this.meant.delete(shard);
    this.during(this.leaving, shard, left());
  }

  private disown(shard: number, epoch: number): void {
    this.during(this.leaving, shard, this.options.journal.disown(shard, epoch));
  }

  private lose(lease: Lease): void {
    lease.lose();
    if (this.leases.get(lease.shard) === lease) this.leases.delete(lease.shard);
    this.options.onLost(lease.shard);
  }

  private during(moves: Map<number, Promise<void>>, shard: number, move: Promise<void>): void {
    const settled = move
      .catch((error: unknown) => this.options.onFailed(shard, error))
      .finally(() => moves.delete(shard));
    moves.set(shard, settled);
  }
}

import { JournalFailure, type Journal, type Lease, type ShardOwner } from '@aisle/journal';
import type { Membership } from '@aisle/registry/membership';
import type { ClusterView } from '../storage/cluster-storage.ts';

/** The parts of `Shards`, and its callbacks for the actors. */
export interface ShardsOptions {
  readonly journal: Pick<Journal, 'claim' | 'claimAgain' | 'owners' | 'release' | 'disown'>;
  readonly incarnation: string;
  /** Waits for the shard's open requests, saves snapshots and ends its actors. No requests come after the call. */
  readonly drain: (shard: number) => Promise<void>;
  /** Called when the shard was lost; commits of its actors are refused from then on. */
  readonly onLost: (shard: number) => void;
  readonly onFailed: (shard: number, error: unknown) => void;
}

/**
 * The shards that this node owns. It claims free shards that the placement gives to it, and drains and releases shards
 * that the placement gives to another living node. A claim without a release requires a dead owner, which answers no
 * reads any more (`Membership`, `NodeLease`).
 */
export class Shards {
  private readonly leases = new Map<number, Lease>();
  private readonly claiming = new Map<number, Promise<void>>();
  private readonly leaving = new Map<number, Promise<void>>();
  /** Shards that were held when this node's lease lapsed, and were not claimed again since. */
  private readonly unproven = new Set<number>();
  private readonly meant = new Set<number>();
  private closed = false;
  /** The number of lapses of this node's lease. */
  private lapses = 0;

  constructor(private readonly options: ShardsOptions) {}

  /** The shards that this node owns at present. */
  get held(): readonly number[] {
    return [...this.leases.values()].filter(({ held }) => held).map(({ shard }) => shard);
  }

  /** The number of shards that are being claimed or released. */
  get moving(): number {
    return this.claiming.size + this.leaving.size;
  }

  /** Whether this node takes the shard's commands: the shard is held, being claimed or meant for this node, and not leaving. */
  accepts(shard: number): boolean {
    if (this.closed || this.leaving.has(shard)) return false;
    return this.leases.get(shard)?.held === true || this.claiming.has(shard) || this.meant.has(shard);
  }

  /** False from a lapse of the node's lease until the shard is claimed again. */
  isProven(shard: number): boolean {
    return !this.unproven.has(shard);
  }

  /** The shard's lease, after a running claim. Throws `JournalFailure.shardLost`. */
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

  /** Follows a view of the cluster. Returns true while shards are moving. */
  onView({ owners, placement }: ClusterView, members: Membership): boolean {
    for (const row of owners) this.follow(row, placement.targets[row.shard] ?? null, members);
    return this.moving > 0 || owners.some(({ owner, shard }) => this.isDue(owner, placement.targets[shard], members));
  }

  /** Claims all held shards again after a lapse of the node's lease. They answer no reads until then. */
  onLate(): void {
    this.lapses += 1;
    for (const lease of this.leases.values()) {
      if (!lease.held) continue;
      this.unproven.add(lease.shard);
      if (this.leaving.has(lease.shard) || this.claiming.has(lease.shard)) continue;
      this.during(this.claiming, lease.shard, this.prove(lease));
    }
  }

  /** Claims no more shards, and drains and releases all held ones. */
  async releaseAll(): Promise<void> {
    this.closed = true;
    await Promise.all(this.claiming.values());
    for (const lease of this.leases.values()) if (lease.held) this.leave(lease);
    await Promise.all(this.leaving.values());
  }

  /** Takes no more shards or commands. `onView` hands held shards over as the allocator places them on other nodes. */
  close(): void {
    this.closed = true;
  }

  private follow(row: ShardOwner, target: string | null, members: Membership): void {
    const { shard, owner, epoch } = row;
    if (this.claiming.has(shard) || this.leaving.has(shard)) return;

    const { incarnation } = this.options;
    const lease = this.leases.get(shard);
    const isMine = target === incarnation && !this.closed;
    // The answer of a claim or a release was lost: the row names this node, which does not hold the shard.
    const isOrphan = owner === incarnation && !lease?.held;
    if (isMine) this.meant.add(shard);
    else this.meant.delete(shard);

    if (lease?.held) {
      // A view may be older than the claim, but an epoch above our own shows another owner.
      if (epoch > lease.epoch) this.lose(lease);
      else if (target !== incarnation && target !== null && members.isAlive(target)) this.leave(lease);
      // An earlier attempt failed because the storage was unavailable.
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
      // If the lease lapsed meanwhile, another node may consider this one dead, and be about to take the shard.
      if (lapses === this.lapses) return;
      this.unproven.add(shard);
      await this.prove(lease);
    };
    this.during(this.claiming, shard, claimed());
  }

  // Claims a shard again whose lease was lost by an unknown outcome, if the row shows no other owner.
  private async claimLost(shard: number): Promise<void> {
    const [row] = await this.options.journal.owners([shard]);
    const { incarnation } = this.options;
    const isOurs = row?.owner === incarnation || row?.owner === null;
    if (!row || !isOurs || !this.accepts(shard)) throw JournalFailure.shardLost(shard);
    if (!this.claiming.has(shard) && this.leases.get(shard)?.held !== true) this.claim(shard, row.epoch);
  }

  /** Claims the shard again under a higher epoch, so that a takeover by the old epoch fails. */
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

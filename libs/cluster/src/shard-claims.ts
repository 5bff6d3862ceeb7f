import { ShardLost, type Journal, type Lease } from '@aisle/journal';

/**
 * The shards that this node owns, each claimed when its first command comes. A shard that was lost is
 * claimed anew, under a higher epoch, before anything of it is loaded again.
 */
export class ShardClaims {
  private readonly leases = new Map<number, Lease>();
  private readonly claiming = new Map<number, Promise<Lease>>();

  constructor(private readonly journal: Pick<Journal, 'owners' | 'claim' | 'release'>) {}

  /** The lease of a shard that is held right now, without asking anybody. */
  held(shard: number): Lease | undefined {
    const lease = this.leases.get(shard);
    return lease?.held ? lease : undefined;
  }

  /** Claims the shard, once for all who ask. Throws `ShardLost` when another node was faster. */
  claim(shard: number): Promise<Lease> {
    let claim = this.claiming.get(shard);
    if (!claim) {
      claim = this.claimNow(shard).finally(() => this.claiming.delete(shard));
      this.claiming.set(shard, claim);
    }
    return claim;
  }

  /** Gives every shard back. Nothing of them may be under way. */
  async releaseAll(): Promise<void> {
    await Promise.allSettled(this.claiming.values());
    await Promise.all([...this.leases.values()].map((lease) => this.journal.release(lease)));
    this.leases.clear();
  }

  private async claimNow(shard: number): Promise<Lease> {
    const [row] = await this.journal.owners([shard]);
    const lease = await this.journal.claim(shard, row?.epoch ?? 0);
    if (!lease) throw new ShardLost(shard);
    this.leases.set(shard, lease);
    return lease;
  }
}

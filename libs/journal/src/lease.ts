import { assert } from '@aisle/std';
import { RecentRefusals } from './recent-refusals.ts';

const REFUSALS_MAX = 512;

/**
 * The right to write and load one shard's actors, under one epoch. Only a claim makes one. Once lost it stays
 * lost, and everything that asks for it is refused: whoever goes on must claim again, and that waits for
 * every older commit. So an unknown outcome cannot be followed by a load that misses it.
 */
export class Lease {
  /** What was refused under this lease, whichever actors came and went. */
  readonly refusals = new RecentRefusals(REFUSALS_MAX);
  private lost = false;
  private claimedEpoch: number;

  constructor(
    readonly shard: number,
    epoch: number,
  ) {
    this.claimedEpoch = epoch;
  }

  /** Rows are written under it; it only grows. */
  get epoch(): number {
    return this.claimedEpoch;
  }

  get held(): boolean {
    return !this.lost;
  }

  /** The same owner claimed the shard again, without anybody in between. */
  raise(epoch: number): void {
    assert(epoch > this.claimedEpoch, 'an epoch only grows');
    this.claimedEpoch = epoch;
  }

  /** The end of it; there is no way back. */
  lose(): void {
    this.lost = true;
  }
}

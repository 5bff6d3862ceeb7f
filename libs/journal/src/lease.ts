import { assert } from '@aisle/std';
import { RecentRefusals } from './recent-refusals.ts';

const REFUSALS_MAX = 512;

/**
 * The right to write and load one shard's actors, under one epoch. Only a claim makes one. A lost lease stays lost, and
 * every use of it is refused: the node must claim again, and a claim waits for every older commit. So a load after an
 * unknown outcome never misses it.
 */
export class Lease {
  /** The refusals under this lease, independent of the actors' lives in memory. */
  readonly refusals = new RecentRefusals(REFUSALS_MAX);
  private lost = false;
  private claimedEpoch: number;

  constructor(
    readonly shard: number,
    epoch: number,
  ) {
    this.claimedEpoch = epoch;
  }

  /** Rows are written under this epoch; it only grows. */
  get epoch(): number {
    return this.claimedEpoch;
  }

  get held(): boolean {
    return !this.lost;
  }

  /** The same owner claimed the shard again, without another owner in between. */
  raise(epoch: number): void {
    assert(epoch > this.claimedEpoch, 'an epoch only grows');
    this.claimedEpoch = epoch;
  }

  /** Ends the lease for good. */
  lose(): void {
    this.lost = true;
  }
}

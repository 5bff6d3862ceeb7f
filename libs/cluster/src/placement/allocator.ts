import { Burials, type LeaseTimes, type Membership } from '@aisle/registry/membership';
import type { Runtime } from '@aisle/std';
import type { ClusterStorage, ClusterView } from '../storage/cluster-storage.ts';
import { allocate } from './allocate.ts';

/** The storage of decisions, and the receivers of their results. */
export interface AllocatorOptions {
  readonly storage: Pick<ClusterStorage, 'place' | 'bury'>;
  readonly runtime: Runtime;
  readonly times: LeaseTimes;
  /** Receives the number of shards whose target changed. */
  readonly onPlaced: (moves: number) => void;
  readonly onFailed: (error: unknown) => void;
}

const MOVES_MAX = 20;
const MOVES_SHARE = 0.1;

/**
 * Decides the placement of shards when the view of the cluster changes. Any number of allocators may run. A decision replaces
 * only the one that its allocator has seen, so a stale allocator changes nothing.
 */
export class Allocator {
  private deciding = false;
  private memberNames = '';
  private changedAtMs = -Infinity;
  private readonly burials: Burials;

  constructor(private readonly options: AllocatorOptions) {
    this.burials = new Burials(options);
  }

  /** Decides if the placement must change. Returns true while a decision is pending. */
  onView({ owners, placement }: ClusterView, members: Membership): boolean {
    const { clock } = this.options.runtime;
    const { alive } = members;
    const names = alive.map(({ incarnation, draining }) => `${incarnation}${draining ? '!' : ''}`).join();
    if (names !== this.memberNames) this.changedAtMs = clock.monotonicMs();
    this.memberNames = names;
    this.burials.look(members.dead);

    const targets = owners.map((_, shard) => placement.targets[shard] ?? null);
    const wanted = allocate({
      alive,
      isDead: (incarnation) => members.isDead(incarnation),
      owners: owners.map(({ owner }) => owner),
      targets,
      movesMax: this.movesMax(owners.map(({ owner }) => owner), targets),
    });
    const moves = wanted.filter((target, shard) => target !== targets[shard]).length;
    if (moves > 0) this.decide(placement.version, wanted, moves);
    return moves > 0;
  }

  /**
   * The most moves for balance alone. There are none until the members have been the same for two leases, so that a restart
   * does not move shards twice. There are none either before the moves of the last round are finished.
   */
  private movesMax(owners: readonly (string | null)[], targets: readonly (string | null)[]): number {
    const { runtime: { clock }, times } = this.options;
    const graceMs = 2 * times.leaseMs;
    if (clock.monotonicMs() - this.changedAtMs < graceMs) return 0;
    if (owners.some((owner, shard) => owner !== targets[shard])) return 0;
    return Math.min(MOVES_MAX, Math.ceil(owners.length * MOVES_SHARE));
  }

  private decide(seenVersion: number, targets: readonly (string | null)[], moves: number): void {
    if (this.deciding) return;
    this.deciding = true;
    this.options.storage
      .place(seenVersion, targets)
      .then((isOurs) => {
        if (isOurs) this.options.onPlaced(moves);
      }, this.options.onFailed)
      .finally(() => (this.deciding = false));
  }
}

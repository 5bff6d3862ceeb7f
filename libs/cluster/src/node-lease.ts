import type { Runtime, Timer } from '@aisle/std';
import type { NodeLeaseRepository } from './node-lease.repository.ts';

/** How long a node is believed without a word, and how much longer before anybody acts on it. */
export interface LeaseTimes {
  /** Same on every node. Shorter finds the dead sooner, longer forgives more pauses. */
  readonly leaseMs: number;
  /** Covers the difference between two processes' monotonic clocks over one lease. */
  readonly marginMs: number;
}

export const DEFAULT_LEASE: LeaseTimes = { leaseMs: 1_500, marginMs: 250 };

export interface NodeLeaseOptions {
  readonly leases: Pick<NodeLeaseRepository, 'beat' | 'remove'>;
  readonly runtime: Runtime;
  /** This start of this process; a restart is another incarnation. */
  readonly incarnation: string;
  /** The broker queue on which this node takes commands. */
  readonly queue: string;
  readonly times?: LeaseTimes;
  /** Told of each renewal that failed; the next one is tried all the same. */
  readonly onMissed?: (error: unknown) => void;
}

/** Keeps this node's row moving, so that the allocator holds it alive. */
export class NodeLease {
  private renewal: Timer | undefined;
  private renewing: Promise<void> = Promise.resolve();

  constructor(private readonly options: NodeLeaseOptions) {}

  /** Enters the group; commands may arrive from now on. */
  async join(): Promise<void> {
    const { runtime, times = DEFAULT_LEASE } = this.options;
    await this.beat();
    // Renew at a third of the lease: two renewals may be lost before anybody may act.
    this.renewal = runtime.timers.every(times.leaseMs / 3, () => this.renew(), { background: true });
  }

  /** Leaves the group at once instead of being found dead. */
  async leave(): Promise<void> {
    this.renewal?.cancel();
    await this.renewing;
    await this.options.leases.remove(this.options.incarnation);
  }

  private renew(): void {
    this.renewing = this.beat().catch((error: unknown) => this.options.onMissed?.(error));
  }

  private beat(): Promise<void> {
    const { leases, incarnation, queue } = this.options;
    return leases.beat(incarnation, queue);
  }
}

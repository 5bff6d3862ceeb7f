import type { Runtime, Timer } from '@aisle/std';
import type { LeaseTimes } from './lease-times.ts';
import type { NodeStorage } from './node-storage.ts';

/** A node's identity, and the callbacks of its renewals. */
export interface NodeLeaseOptions {
  readonly storage: NodeStorage;
  readonly runtime: Runtime;
  readonly times: LeaseTimes;
  /** The id of this start of the process; a restart is another incarnation. */
  readonly incarnation: string;
  /** The broker queue on which this node takes commands. */
  readonly queue: string;
  /** Checked before each renewal. A node that is not well lets its lease lapse, and others take over. */
  readonly isWell: () => boolean;
  /**
   * Called when a renewal came after the lease had lapsed, in the turn of the renewal. Others may have claimed shards
   * meanwhile, or may be about to, so all shards must be claimed again.
   */
  readonly onLate: () => void;
  /** Receives the error of each failed renewal. The next renewal is tried all the same. */
  readonly onMissed: (error: unknown) => void;
}

/**
 * Renews this node's lease, and limits its reads. The node may answer reads for lease - margin, counted from the moment
 * before its last successful renewal was sent. Other nodes wait longer than that before they take over.
 */
export class NodeLease {
  private renewal: Timer | undefined;
  private renewing: Promise<void> | undefined;
  private draining = false;
  private left = false;
  private sent: { readonly monotonicMs: number; readonly wallMs: number } | undefined;

  constructor(private readonly options: NodeLeaseOptions) {}

  /** Whether this node may answer from memory. Check it in the turn that reads the state. */
  get holds(): boolean {
    if (!this.sent || this.left) return false;
    const { runtime: { clock }, times } = this.options;
    // The monotonic clock may stop while the machine sleeps; the wall clock shows that time.
    const elapsedMs = Math.max(clock.monotonicMs() - this.sent.monotonicMs, clock.nowMs() - this.sent.wallMs);
    return elapsedMs < times.leaseMs - times.marginMs;
  }

  /** Enters the group; shards may be given to this node from now on. */
  async join(): Promise<void> {
    const { runtime, times } = this.options;
    await this.beat();
    // Renew at a third of the lease: two renewals may be lost before another node may take over.
    const renew = (): void => void this.renew();
    this.renewal = runtime.timers.every(times.leaseMs / 3, renew, { background: true });
  }

  /** Publishes, without waiting for the next renewal, that this node wants to hand over its shards. */
  async drain(): Promise<void> {
    await this.renewing;
    this.draining = true;
    await this.renew();
  }

  /** Leaves the group, so that others need not wait for the lease to end. No reads are answered from now on. */
  async leave(): Promise<void> {
    this.left = true;
    this.renewal?.cancel();
    await this.renewing;
    await this.options.storage.remove(this.options.incarnation);
  }

  // One renewal at a time: a later one must not overtake a hanging one, whose effect is unknown.
  private renew(): Promise<void> {
    if (!this.options.isWell()) return Promise.resolve();
    this.renewing ??= this.beat()
      .catch((error: unknown) => this.options.onMissed(error))
      .finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  private async beat(): Promise<void> {
    const { storage, runtime: { clock }, incarnation, queue, onLate } = this.options;
    const sent = { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
    await storage.beat({ incarnation, queue, draining: this.draining });
    if (!this.holds) onLate();
    this.sent = sent;
  }
}

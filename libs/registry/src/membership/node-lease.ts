import type { Runtime, Timer } from '@aisle/std';
import type { LeaseTimes } from './lease-times.ts';
import type { NodeStorage } from './node-storage.ts';

/** Who the node is, and whom it tells of its renewals. */
export interface NodeLeaseOptions {
  readonly storage: NodeStorage;
  readonly runtime: Runtime;
  readonly times: LeaseTimes;
  /** This start of this process; a restart is another incarnation. */
  readonly incarnation: string;
  /** The broker queue on which this node takes commands. */
  readonly queue: string;
  /** Asked before each renewal: a node whose work is stuck lets its lease run out, and others take over. */
  readonly isWell: () => boolean;
  /**
   * A renewal came after the lease had run out, so others may have claimed meanwhile, or may be about to:
   * nothing of before may be trusted until it is claimed again. Called in the turn that renews.
   */
  readonly onLate: () => void;
  /** Told of each renewal that failed; the next one is tried all the same. */
  readonly onMissed: (error: unknown) => void;
}

/**
 * Keeps this node's row moving, and knows how long it may answer reads: for a lease less the margin from
 * the moment before its last renewal was sent. By then nobody has waited long enough to take over.
 */
export class NodeLease {
  private renewal: Timer | undefined;
  private renewing: Promise<void> | undefined;
  private draining = false;
  private left = false;
  private sent: { readonly monotonicMs: number; readonly wallMs: number } | undefined;

  constructor(private readonly options: NodeLeaseOptions) {}

  /** True while this node may answer from memory. Ask in the turn in which the state is read. */
  get holds(): boolean {
    if (!this.sent || this.left) return false;
    const { runtime: { clock }, times } = this.options;
    // A clock that stops while the machine sleeps would not notice; the wall clock does.
    const elapsedMs = Math.max(clock.monotonicMs() - this.sent.monotonicMs, clock.nowMs() - this.sent.wallMs);
    return elapsedMs < times.leaseMs - times.marginMs;
  }

  /** Enters the group; shards may be given to this node from now on. */
  async join(): Promise<void> {
    const { runtime, times } = this.options;
    await this.beat();
    // Renew at a third of the lease: two renewals may be lost before anybody may act.
    const renew = (): void => void this.renew();
    this.renewal = runtime.timers.every(times.leaseMs / 3, renew, { background: true });
  }

  /** Says that this node wants to be rid of its shards; at once, not with the next renewal. */
  async drain(): Promise<void> {
    await this.renewing;
    this.draining = true;
    await this.renew();
  }

  /** Leaves the group instead of being found dead. Nothing is answered from memory from here on. */
  async leave(): Promise<void> {
    this.left = true;
    this.renewal?.cancel();
    await this.renewing;
    await this.options.storage.remove(this.options.incarnation);
  }

  // One at a time: a renewal that hangs must not be overtaken by one that would vouch for it.
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

import type { Runtime, Timer } from '@aisle/std';
import type { LeaseTimes } from './lease-times.ts';
import { Membership } from './membership.ts';
import type { NodeRow } from './node-storage.ts';

/** The watched storage, and the receivers of its views. */
export interface WatchOptions<View extends NodesView> {
  readonly storage: { view(): Promise<View> };
  readonly runtime: Runtime;
  readonly times: LeaseTimes;
  /** Receives each view. `askedAtMs` is the instant of its request on the monotonic clock; later changes may be missing in it. */
  readonly onView: (view: View, members: Membership, askedAtMs: number) => void;
  readonly onReadFailed: (error: unknown) => void;
}

/** The smallest view that can be watched: the processes of a group. */
export interface NodesView {
  readonly nodes: readonly NodeRow[];
}

const BUSY_MS = 25;
// A reading counts only within a third of the lease of the one before it. More readings find a dead node sooner.
const LOOKS_PER_LEASE = { idle: 5, used: 10 } as const;

/**
 * Reads the cluster's state periodically: more often while it is used, and most often while shards move or a node is suspected
 * to be dead.
 */
export class Watch<View extends NodesView> {
  private readonly members: Membership;
  private next: Timer | undefined;
  private reading: Promise<void> | undefined;
  private busy = false;
  private used = false;
  private stopped = false;
  private answeredAtMs = -Infinity;

  constructor(private readonly options: WatchOptions<View>) {
    this.members = new Membership(options.times);
  }

  /** Reads once, and then periodically. Throws if the first read fails. */
  async start(): Promise<void> {
    await this.read();
    this.schedule();
  }

  /** Makes the next reading come soon. Call it at each view while shards move. */
  soon(): void {
    if (this.busy) return;
    this.busy = true;
    if (!this.reading) this.schedule();
  }

  /** Tells that somebody depends on the state. Call it at each command. */
  use(): void {
    this.used = true;
  }

  /** The instant of the last successful answer, on the monotonic clock. */
  get seenAtMs(): number {
    return this.answeredAtMs;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.next?.cancel();
    await this.reading;
  }

  private schedule(): void {
    if (this.stopped) return;
    const { runtime, times } = this.options;
    this.next?.cancel();
    const pauseMs = this.busy ? BUSY_MS : times.leaseMs / LOOKS_PER_LEASE[this.used ? 'used' : 'idle'];
    this.used = false;
    this.next = runtime.timers.after(pauseMs, () => this.readAgain(), { background: true });
  }

  private readAgain(): void {
    this.reading = this.read()
      .catch((error: unknown) => this.options.onReadFailed(error))
      .finally(() => {
        this.reading = undefined;
        this.schedule();
      });
  }

  private async read(): Promise<void> {
    const { storage, runtime: { clock }, onView } = this.options;
    const askedAtMs = clock.monotonicMs();
    this.busy = false;
    const view = await storage.view();
    this.answeredAtMs = clock.monotonicMs();
    this.members.observe(view.nodes, { askedAtMs, answeredAtMs: this.answeredAtMs });
    if (this.members.hasSuspects) this.busy = true;
    onView(view, this.members, askedAtMs);
  }
}

import type { Runtime, Timer } from '@aisle/std';
import type { LeaseTimes } from './lease-times.ts';
import { Membership } from './membership.ts';
import type { NodeRow } from './node-storage.ts';

/** What is watched, and who is told of what is seen. */
export interface WatchOptions<View extends NodesView> {
  readonly storage: { view(): Promise<View> };
  readonly runtime: Runtime;
  readonly times: LeaseTimes;
  /** `askedAtMs` is when the view was asked for, on the monotonic clock: whatever is younger is not in it. */
  readonly onView: (view: View, members: Membership, askedAtMs: number) => void;
  readonly onReadFailed: (error: unknown) => void;
}

/** The least that can be watched: the processes of a group. */
export interface NodesView {
  readonly nodes: readonly NodeRow[];
}

const BUSY_MS = 25;

/** Reads the cluster's state over and over, more often while something is on the move, or about to be. */
export class Watch<View extends NodesView> {
  private readonly members: Membership;
  private next: Timer | undefined;
  private reading: Promise<void> | undefined;
  private busy = false;
  private stopped = false;
  private answeredAtMs = -Infinity;

  constructor(private readonly options: WatchOptions<View>) {
    this.members = new Membership(options.times);
  }

  /** Reads once, and throws if that fails; then keeps reading. */
  async start(): Promise<void> {
    await this.read();
    this.schedule();
  }

  /** The next reading comes soon. To be called at each view for as long as something is on the move. */
  soon(): void {
    if (this.busy) return;
    this.busy = true;
    if (!this.reading) this.schedule();
  }

  /** When the last successful reading was answered, on the monotonic clock. */
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
    this.next = runtime.timers.after(this.busy ? BUSY_MS : times.leaseMs / 10, () => this.readAgain(), {
      background: true,
    });
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

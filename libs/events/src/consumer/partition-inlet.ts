import type { Runtime, Timer } from '@aisle/std';
import type { Backbone, Entry, Subscription } from '../backbone/backbone.ts';
import type { Checkpoint } from './checkpoint.repository.ts';
import type { Seals } from '../backbone/seals.ts';
import { itemOf } from './item.ts';
import type { Item } from './item.ts';

/** The options of an inlet. */
export interface PartitionInletOptions {
  readonly consumer: string;
  readonly backbone: Backbone;
  readonly runtime: Pick<Runtime, 'timers'>;
  /** The maximum of held events. Above it the backbone is held up. */
  readonly bufferMax: number;
  /** The seals of the relays; undefined if nobody else can write. */
  readonly seals: Seals | undefined;
  readonly onItems: () => void;
  /** Called with entries that no relay has published. */
  readonly onStrays: (entries: readonly Entry[]) => void;
  /** Called when events are missing after that position. */
  readonly onGap: (after: number) => void;
}

const GAP_MS = 500;
const GAP_MAX_MS = 10_000;
/** About the time that the relay takes. A writer of strays must not slow the partition down further. */
const AFTER_STRAYS_MS = 250;

/** Takes one partition's events from the backbone: each once, in order, without gaps. */
export class PartitionInlet {
  private readonly buffer: Item[] = [];
  private subscription: Subscription;
  /** The last event from the backbone. */
  private last: { readonly position: number; readonly resumeAt?: string | undefined };
  private awaitsRoom: (() => void) | undefined;
  private resubscribing: { readonly timer: Timer; readonly cause: 'gap' | 'strays' | 'under way' } | undefined;
  private gapMs = GAP_MS;
  /** This subscription has met a stray, which may stand in the place of the first event. */
  private hasStrays = false;
  private stopped = false;

  constructor(
    private readonly from: Checkpoint,
    private readonly options: PartitionInletOptions,
  ) {
    this.last = { position: from.position, resumeAt: from.resumeAt ?? undefined };
    this.subscription = this.subscribe(this.last.resumeAt);
  }

  take(limit: number): Item[] {
    const taken = this.buffer.splice(0, limit);
    if (this.buffer.length < this.options.bufferMax / 2) this.awaitsRoom?.();
    return taken;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.resubscribing?.timer.cancel();
    this.awaitsRoom?.();
    await this.subscription.stop();
  }

  private subscribe(resumeAt: string | undefined): Subscription {
    const { backbone, consumer } = this.options;
    const { topic, partition } = this.from;
    this.hasStrays = false;
    return backbone.subscribe({
      consumer,
      topic,
      partition,
      after: this.last.position,
      resumeAt,
      onEntries: (entries) => this.accept(entries),
    });
  }

  private accept(entries: readonly Entry[]): Promise<void> | void {
    const { topic, partition } = this.from;
    const strays: Entry[] = [];
    let isGapped = false;
    for (const entry of entries) {
      const { position } = this.last;
      if (this.options.seals?.holds(this.from, entry) === false) {
        strays.push(entry);
        this.hasStrays = true;
      } else if (entry.position > position && !isGapped) {
        // A new consumer begins with the first available event, unless an earlier one may be missing.
        isGapped = entry.position > position + 1 && (position > 0 || this.hasStrays);
        if (isGapped) continue;
        this.last = entry;
        this.buffer.push(itemOf(entry, topic, partition));
      }
    }
    if (strays.length > 0) {
      this.options.onStrays(strays);
      this.resubscribeLater('strays');
    } else if (isGapped && this.resubscribeLater('gap')) {
      this.options.onGap(this.last.position);
    }
    this.options.onItems();
    if (this.buffer.length < this.options.bufferMax || this.stopped) return;
    return new Promise<void>((resolve) => {
      this.awaitsRoom = () => {
        this.awaitsRoom = undefined;
        resolve();
      };
    });
  }

  /**
   * The relay publishes the missing events again: further on, or in the recreated partition. The partition is then read
   * from its beginning, since the backbone's name of the last position may stand for another event by now. Returns
   * false if that is scheduled already.
   */
  private resubscribeLater(cause: 'gap' | 'strays'): boolean {
    // For strays the relay acts at its next check. A gap may be waiting for much longer by then.
    const isSooner = this.resubscribing?.cause === 'gap' && cause === 'strays';
    if (this.stopped || (this.resubscribing && !isSooner)) return false;
    this.resubscribing?.timer.cancel();
    const before = this.last.position;
    const timer = this.options.runtime.timers.after(cause === 'gap' ? this.gapMs : AFTER_STRAYS_MS, () => {
      const goesOn = this.last.position > before;
      if (goesOn) this.gapMs = GAP_MS;
      else if (cause === 'gap') this.gapMs = Math.min(GAP_MAX_MS, this.gapMs * 2);
      this.resubscribing = { timer, cause: 'under way' };
      void (goesOn ? Promise.resolve() : this.subscription.stop()).then(() => {
        this.resubscribing = undefined;
        if (!goesOn && !this.stopped) this.subscription = this.subscribe(undefined);
      });
    });
    this.resubscribing = { timer, cause };
    return true;
  }
}

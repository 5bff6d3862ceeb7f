import type { Runtime, Timer } from '@aisle/std';
import type { Backbone, Entry, Subscription } from '../backbone/backbone.ts';
import type { Checkpoint } from './checkpoint.repository.ts';
import { itemOf } from './item.ts';
import type { Item } from './item.ts';

/** What an inlet is made of. */
export interface PartitionInletOptions {
  readonly consumer: string;
  readonly backbone: Backbone;
  readonly runtime: Pick<Runtime, 'timers'>;
  /** Events held at most; the backbone is held up beyond it. */
  readonly bufferMax: number;
  readonly onItems: () => void;
  /** Events are missing after that position. */
  readonly onGap: (after: number) => void;
}

const RESUBSCRIBE_MS = 500;
const RESUBSCRIBE_MAX_MS = 10_000;

/** Takes one partition's events from the backbone: each once, in order, without a gap. */
export class PartitionInlet {
  private readonly buffer: Item[] = [];
  private subscription: Subscription;
  /** The last event taken from the backbone. */
  private last: { readonly position: number; readonly resumeAt?: string | undefined };
  private awaitsRoom: (() => void) | undefined;
  private resubscribing: Timer | undefined;
  private resubscribeMs = RESUBSCRIBE_MS;
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
    this.resubscribing?.cancel();
    this.awaitsRoom?.();
    await this.subscription.stop();
  }

  private subscribe(resumeAt: string | undefined): Subscription {
    const { backbone, consumer } = this.options;
    const { topic, partition } = this.from;
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
    for (const entry of entries) {
      const { position } = this.last;
      if (entry.position <= position) continue;
      // A consumer that never had anything begins with what there is.
      if (entry.position > position + 1 && position > 0) {
        this.resubscribeLater();
        break;
      }
      this.last = entry;
      this.buffer.push(itemOf(entry, topic, partition));
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
   * The relay publishes what is missing again: further on, or in the partition made anew. The partition is then read
   * from its beginning, since where the backbone had the last event may have another one by now.
   */
  private resubscribeLater(): void {
    if (this.resubscribing || this.stopped) return;
    const before = this.last.position;
    this.options.onGap(before);
    this.resubscribing = this.options.runtime.timers.after(this.resubscribeMs, () => {
      const goesOn = this.last.position > before;
      this.resubscribeMs = goesOn ? RESUBSCRIBE_MS : Math.min(RESUBSCRIBE_MAX_MS, this.resubscribeMs * 2);
      void (goesOn ? Promise.resolve() : this.subscription.stop()).then(() => {
        this.resubscribing = undefined;
        if (!goesOn && !this.stopped) this.subscription = this.subscribe(undefined);
      });
    });
  }
}

import type { Runtime } from '@aisle/std';
import type { Backbone } from '../backbone/backbone.ts';
import type { Seals } from '../backbone/seals.ts';
import type { Checkpoint, TopicPartition } from '../consumer/checkpoint.repository.ts';
import type { Burial, DeadLetter } from '../consumer/dead-letters.repository.ts';
import type { Item } from '../consumer/item.ts';
import { PartitionInlet } from '../consumer/partition-inlet.ts';
import type { PartitionReader } from '../consumer/partition-group.ts';
import type { ConsumerEvent } from '../consumer/received-event.ts';
import { Strays } from '../consumer/strays.ts';

/** The options of a source's partition. */
export interface SourcePartitionOptions {
  readonly consumer: string;
  readonly backbone: Backbone;
  readonly runtime: Runtime;
  readonly bufferMax: number;
  readonly seals: Seals | undefined;
  readonly bury: (letter: Burial) => Promise<void>;
  readonly wantRewind: (place: TopicPartition) => Promise<void>;
  readonly onEvent: (event: ConsumerEvent) => void;
  readonly onItems: () => void;
  readonly onLetters: (letters: readonly DeadLetter[]) => void;
}

interface Taken {
  readonly position: number;
  readonly resumeAt: string | undefined;
  isAcked: boolean;
}

/**
 * One partition behind a pipeline. Events are acknowledged in any order, and the position is saved up to the first open
 * one.
 */
export class SourcePartition implements PartitionReader {
  private readonly inlet: PartitionInlet;
  private readonly strays: Strays;
  /**
   * Taken events that are not saved as settled, in order. The positions are dense, so an event's index follows from its
   * position.
   */
  private taken: Taken[] = [];
  private passed: { readonly position: number; readonly resumeAt: string | undefined };

  constructor(
    private readonly from: Checkpoint,
    private readonly options: SourcePartitionOptions,
  ) {
    this.passed = { position: from.position, resumeAt: from.resumeAt ?? undefined };
    this.strays = new Strays({ ...options, place: from });
    this.inlet = new PartitionInlet(from, {
      ...options,
      onStrays: (entries) => this.strays.add(entries),
      onGap: (after) => this.askForRewind(after),
    });
  }

  get checkpoint(): Checkpoint {
    const { topic, partition } = this.from;
    return { topic, partition, position: this.passed.position, resumeAt: this.passed.resumeAt ?? null };
  }

  take(limit: number): Item[] {
    const items = this.inlet.take(limit);
    for (const { position, resumeAt } of items) this.taken.push({ position, resumeAt, isAcked: false });
    return items;
  }

  /** These are settled. Unknown positions belong to an earlier lease. */
  ack(positions: readonly number[]): void {
    const first = this.taken[0]?.position ?? 0;
    for (const position of positions) {
      const taken = this.taken[position - first];
      if (taken) taken.isAcked = true;
    }
    let count = 0;
    while (this.taken[count]?.isAcked) count += 1;
    if (count === 0) return;
    this.passed = this.taken[count - 1] as Taken;
    this.taken = this.taken.slice(count);
  }

  redrive(letters: readonly DeadLetter[]): void {
    this.options.onLetters(letters);
  }

  async stop(): Promise<void> {
    await Promise.all([this.inlet.stop(), this.strays.stop()]);
  }

  private askForRewind(after: number): void {
    const { wantRewind, onEvent } = this.options;
    const { topic, partition } = this.from;
    onEvent({ kind: 'gap', topic, partition, after });
    wantRewind(this.from).catch((error: unknown) => onEvent({ kind: 'failed', error }));
  }
}

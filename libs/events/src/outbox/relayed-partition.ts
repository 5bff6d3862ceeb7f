import type { LoggedPartition } from './outbox.repository.ts';

const AHEAD_MAX = 100_000;

/** One partition's progress from the outbox to its consumers: pruned ≤ floor, published ≤ position. */
export class RelayedPartition {
  readonly topic: string;
  readonly partition: number;
  /** The last position given. */
  position: number;
  /** The backbone has everything up to here. */
  published: number;
  /** The log has nothing up to here. */
  pruned: number;
  /** At the last check the backbone had more than the given positions. */
  isOverrun = false;
  private slowest: number;
  private savedPublished: number;

  constructor(
    known: LoggedPartition,
    private readonly aheadMax = AHEAD_MAX,
  ) {
    this.topic = known.topic;
    this.partition = known.partition;
    this.position = known.position;
    this.published = known.published;
    this.savedPublished = known.published;
    this.pruned = known.pruned;
    this.slowest = known.pruned;
  }

  /** The slowest consumer's position: no consumer needs the events up to it. */
  get floor(): number {
    return this.slowest;
  }

  /** True if everything with a position is published. */
  get isLevel(): boolean {
    return this.published >= this.position;
  }

  get hasRoom(): boolean {
    return this.published - this.slowest < this.aheadMax;
  }

  get isUnsaved(): boolean {
    return this.published !== this.savedPublished || this.slowest > this.pruned;
  }

  get view(): object {
    const { topic, partition, position, published, slowest, pruned } = this;
    return { topic, partition, position, published, consumed: slowest, pruned };
  }

  /** Every consumer is past this position. It never falls: a late consumer reads from here. */
  passed(position: number): void {
    this.slowest = Math.max(this.slowest, Math.min(position, this.position));
  }

  /** The backbone reaches only up to `tail`; returns the position from which to publish again. */
  rewind(tail: number): number {
    this.published = Math.max(this.slowest, Math.min(tail, this.published));
    return this.published;
  }

  saved({ position, published }: { readonly position: number; readonly published: number }): void {
    this.pruned = position;
    this.savedPublished = published;
  }
}

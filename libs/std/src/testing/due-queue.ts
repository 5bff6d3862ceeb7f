import type { Timer } from '../runtime.ts';

/** An action that is scheduled for an instant of virtual time. */
export interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

interface Entry extends Due, Timer {
  readonly order: number;
  isCancelled: boolean;
}

/** Scheduled actions, earliest first, and in order of request at the same instant. A binary heap. */
export class DueQueue {
  private readonly heap: Entry[] = [];
  private order = 0;
  private live = 0;

  /** The number of waiting actions, without cancelled ones. */
  get size(): number {
    return this.live;
  }

  add(atMs: number, run: () => void): Timer {
    const entry: Entry = {
      atMs, run, order: (this.order += 1), isCancelled: false,
      cancel: () => this.cancel(entry),
    };
    this.live += 1;
    this.heap.push(entry);
    this.rise(this.heap.length - 1);
    return entry;
  }

  /** Takes the earliest action that is scheduled for `untilMs` or before, if any. */
  take(untilMs: number): Due | undefined {
    for (let first = this.heap[0]; first && first.atMs <= untilMs; first = this.heap[0]) {
      this.dropFirst();
      if (first.isCancelled) continue;
      this.live -= 1;
      // It has left the queue, so a later cancel must not count it.
      first.isCancelled = true;
      return first;
    }
    return undefined;
  }

  // A cancelled entry stays until its time comes: that is cheaper than a search.
  private cancel(entry: Entry): void {
    if (entry.isCancelled) return;
    entry.isCancelled = true;
    this.live -= 1;
  }

  private dropFirst(): void {
    const last = this.heap.pop() as Entry;
    if (this.heap.length === 0) return;
    this.heap[0] = last;
    this.sink();
  }

  private rise(from: number): void {
    const entry = this.heap[from] as Entry;
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.heap[above] as Entry;
      if (isBefore(parent, entry)) break;
      this.heap[at] = parent;
      at = above;
    }
    this.heap[at] = entry;
  }

  private sink(): void {
    const entry = this.heap[0] as Entry;
    let at = 0;
    for (let child = 1; child < this.heap.length; child = 2 * at + 1) {
      const right = this.heap[child + 1];
      if (right && isBefore(right, this.heap[child] as Entry)) child += 1;
      const earlier = this.heap[child] as Entry;
      if (isBefore(entry, earlier)) break;
      this.heap[at] = earlier;
      at = child;
    }
    this.heap[at] = entry;
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

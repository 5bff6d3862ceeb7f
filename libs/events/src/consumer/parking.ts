import type { Item } from './item.ts';

interface ParkedKey {
  /** In order. Those behind the first wait for it. */
  readonly items: Item[];
  /** The number of times that the first one was parked; 0 if it only waited behind one that is settled by now. */
  times: number;
  dueAtMs: number;
}

const PAUSE_MAX_MS = 5_000;

/** Keys whose events wait because the first one failed. Other keys of the partition go on. */
export class Parking {
  private readonly keys = new Map<string, ParkedKey>();
  private count = 0;

  constructor(private readonly firstPauseMs: number) {}

  /** Waiting events. */
  get size(): number {
    return this.count;
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  /** Puts an event behind the waiting ones of its key. */
  add(item: Item, nowMs: number): void {
    this.count += 1;
    const parked = this.keys.get(item.key);
    if (parked) parked.items.push(item);
    else this.keys.set(item.key, { items: [item], times: 1, dueAtMs: nowMs + this.firstPauseMs });
  }

  /** The events to try now: of a key whose first event failed only that one, of any other key all. */
  due(nowMs: number): Item[] {
    return [...this.keys.values()]
      .filter(({ dueAtMs }) => dueAtMs <= nowMs)
      .flatMap(({ items, times }) => (times > 0 ? items.slice(0, 1) : items));
  }

  /** The time of the next attempt; undefined when nothing waits. */
  get nextDueMs(): number | undefined {
    let next: number | undefined;
    for (const { dueAtMs } of this.keys.values()) next = Math.min(next ?? dueAtMs, dueAtMs);
    return next;
  }

  /** The first event of its key failed again, and waits twice as long. */
  again({ key }: Item, nowMs: number): void {
    const parked = this.keys.get(key);
    if (!parked) return;
    parked.dueAtMs = nowMs + Math.min(PAUSE_MAX_MS, this.firstPauseMs * 2 ** parked.times);
    parked.times += 1;
  }

  /** An event is settled, so those behind it may be tried. */
  done(item: Item, nowMs: number): void {
    const parked = this.keys.get(item.key);
    const place = parked?.items.indexOf(item) ?? -1;
    if (!parked || place < 0) return;
    parked.items.splice(place, 1);
    this.count -= 1;
    if (parked.items.length === 0) this.keys.delete(item.key);
    else if (place === 0) [parked.times, parked.dueAtMs] = [0, nowMs];
  }

  /** The earliest waiting event. Everything before it is settled. */
  get oldest(): Item | undefined {
    let oldest: Item | undefined;
    for (const { items } of this.keys.values()) {
      const first = items[0] as Item;
      if (!oldest || first.position < oldest.position) oldest = first;
    }
    return oldest;
  }
}

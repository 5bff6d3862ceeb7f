import type { Item } from './item.ts';

interface ParkedKey {
  /** In their order; those behind the first wait for it. */
  readonly items: Item[];
  /** How often the first one was parked; 0 when it only waited behind one that is dealt with by now. */
  times: number;
  dueAtMs: number;
}

const PAUSE_MAX_MS = 5_000;

/** Keys whose events wait, since the first of them failed; other keys of the partition go on. */
export class Parking {
  private readonly keys = new Map<string, ParkedKey>();
  private count = 0;

  constructor(private readonly firstPauseMs: number) {}

  /** Events that wait. */
  get size(): number {
    return this.count;
  }

  has(key: string): boolean {
    return this.keys.has(key);
  }

  /** Puts an event behind those of its key that wait already. */
  add(item: Item, nowMs: number): void {
    this.count += 1;
    const parked = this.keys.get(item.key);
    if (parked) parked.items.push(item);
    else this.keys.set(item.key, { items: [item], times: 1, dueAtMs: nowMs + this.firstPauseMs });
  }

  /** What is to be tried by now: of a key whose first event failed that one alone, of another all. */
  due(nowMs: number): Item[] {
    return [...this.keys.values()]
      .filter(({ dueAtMs }) => dueAtMs <= nowMs)
      .flatMap(({ items, times }) => (times > 0 ? items.slice(0, 1) : items));
  }

  /** The next moment at which something is due; undefined when nothing waits. */
  get nextDueMs(): number | undefined {
    let next: number | undefined;
    for (const { dueAtMs } of this.keys.values()) next = Math.min(next ?? dueAtMs, dueAtMs);
    return next;
  }

  /** The first event of its key failed once more, and waits for twice as long. */
  again({ key }: Item, nowMs: number): void {
    const parked = this.keys.get(key);
    if (!parked) return;
    parked.dueAtMs = nowMs + Math.min(PAUSE_MAX_MS, this.firstPauseMs * 2 ** parked.times);
    parked.times += 1;
  }

  /** An event is dealt with, and those behind it are due. */
  done(item: Item, nowMs: number): void {
    const parked = this.keys.get(item.key);
    const place = parked?.items.indexOf(item) ?? -1;
    if (!parked || place < 0) return;
    parked.items.splice(place, 1);
    this.count -= 1;
    if (parked.items.length === 0) this.keys.delete(item.key);
    else if (place === 0) [parked.times, parked.dueAtMs] = [0, nowMs];
  }

  /** The event that came first of all that wait: what is before it is dealt with. */
  get oldest(): Item | undefined {
    let oldest: Item | undefined;
    for (const { items } of this.keys.values()) {
      const first = items[0] as Item;
      if (!oldest || first.position < oldest.position) oldest = first;
    }
    return oldest;
  }
}

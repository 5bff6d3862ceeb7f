/** Counts how often each rare branch was reached. A fault that never happened has tested nothing. */
export class Coverage {
  private readonly counters = new Map<string, number>();

  hit(name: string, times = 1): void {
    this.counters.set(name, this.count(name) + times);
  }

  count(name: string): number {
    return this.counters.get(name) ?? 0;
  }

  /** All counters above 0, sorted by name. */
  counts(): Record<string, number> {
    return Object.fromEntries([...this.counters].sort(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** Adds the counters of another coverage. */
  add(other: Coverage): void {
    for (const [name, count] of other.counters) this.hit(name, count);
  }
}

/** The promises that these runs can refute, by their number in the design. */
export const PROMISES: Readonly<Record<string, string>> = {
  P1: 'an answer 2xx is committed, and survives the death of everything but PostgreSQL',
  P2: 'one epoch at a time appends to a basket',
  P3: 'each basket is linearizable, reads included',
  P4: 'a command is applied at most once, and its retry gets the first answer',
  P9: 'SIGTERM loses nothing and is done within 25 s',
  P10: 'back within 2 s (p99 3 s) of the kill of a node, 5 s of the return of a server; other nodes hardly notice',
  P11: 'once faults stop, everything succeeds within 10 s',
  P12: 'poison fails alone, is logged once or buried, and affects no other client',
  price: 'a read, a quote and a checkout of one instant agree, and no rule is charged before or after its time',
  HTTP: 'no failure but 429, 503, 504 and the refusals of rules',
  processes: 'no process ends by itself',
};

const SHOWN_MAX = 12;

/** The violations, by promise. */
export class Findings {
  private readonly found = new Map<string, string[]>();
  private readonly counts = new Map<string, number>();

  violated(promise: string, text: string): void {
    const texts = this.found.get(promise) ?? [];
    this.found.set(promise, texts);
    if (texts.length < SHOWN_MAX) texts.push(text);
    this.counts.set(promise, this.count(promise) + 1);
  }

  count(promise: string): number {
    return this.counts.get(promise) ?? 0;
  }

  /** The first violations. */
  of(promise: string): readonly string[] {
    return this.found.get(promise) ?? [];
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}

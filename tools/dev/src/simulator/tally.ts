import { quantile } from '@aisle/std';

/** Counts finished requests, and reports the rates since the last report. */
export class Tally {
  /** Answers 5xx that are bugs, by their text. */
  readonly bugs = new Map<string, number>();
  private readonly statuses = new Map<number, number>();
  private latenciesMs: number[] = [];
  private adds = 0;
  private readonly startMs = performance.now();
  private askedMs = this.startMs;

  /** A status of 0 is a cut connection. */
  ended(status: number, tookMs: number, body: string): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    this.latenciesMs.push(tookMs);
    if (status < 500 || status === 503 || status === 504) return;
    const answer = `${status} ${body.slice(0, 300)}`;
    this.bugs.set(answer, (this.bugs.get(answer) ?? 0) + 1);
  }

  added(): void {
    this.adds += 1;
  }

  /** A line for people, about the time since the last one. */
  line(baskets: number): string {
    const nowMs = performance.now();
    const seconds = (nowMs - this.askedMs) / 1_000;
    const quantileMs = (share: number): string => `${(quantile(this.latenciesMs, share) ?? 0).toFixed(1)} ms`;
    const cells = [
      `${Math.round((nowMs - this.startMs) / 1_000)} s`.padStart(6),
      `${Math.round(this.latenciesMs.length / seconds)} requests/s`,
      `${Math.round(this.adds / seconds)} adds/s`,
      `p50 ${quantileMs(0.5)}`,
      `p99 ${quantileMs(0.99)}`,
      `${baskets} baskets`,
      this.errors(),
    ];
    this.latenciesMs = [];
    this.adds = 0;
    this.askedMs = nowMs;
    return cells.filter(Boolean).join('  ');
  }

  private errors(): string {
    const errors = [...this.statuses].filter(([status]) => status === 0 || status >= 400);
    return errors.map(([status, count]) => `${status === 0 ? 'cut' : status}: ${count}`).join(', ');
  }
}

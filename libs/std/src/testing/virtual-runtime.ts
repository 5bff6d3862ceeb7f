import type { Runtime, Timer } from '../runtime.ts';

interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * Time that stands still until a test moves it, and chance that a seed decides. Every timer and
 * deferred callback runs inside `advance` or `settle`, ordered by due time and then by request, so
 * one seed is one run.
 */
export class VirtualRuntime implements Runtime {
  private monotonic = 0;
  private order = 0;
  private readonly due = new Set<Due>();
  private readonly deferred: (() => void)[] = [];
  private state: number;

  constructor(
    seed = 1,
    private readonly startMs = Date.UTC(2026, 0, 1),
  ) {
    this.state = seed >>> 0;
  }

  readonly clock = {
    nowMs: (): number => this.startMs + this.monotonic,
    monotonicMs: (): number => this.monotonic,
  };

  readonly timers = {
    after: (delayMs: number, run: () => void): Timer => this.schedule(delayMs, run),
    every: (intervalMs: number, run: () => void): Timer => {
      let timer: Timer;
      const tick = (): void => {
        timer = this.schedule(intervalMs, tick);
        run();
      };
      timer = this.schedule(intervalMs, tick);
      return { cancel: () => timer.cancel() };
    },
  };

  readonly random = {
    next: (): number => this.nextUint32() / 2 ** 32,
    int: (below: number): number => Math.floor(this.random.next() * below),
    bytes: (length: number): Uint8Array =>
      Uint8Array.from({ length }, () => this.nextUint32() & 0xff),
  };

  defer(run: () => void): void {
    this.deferred.push(run);
  }

  /** Timers that have not fired: what a leak test counts. */
  get pendingTimers(): number {
    return this.due.size;
  }

  /** Runs promise continuations and deferred work until nothing is ready; time does not move. */
  async settle(): Promise<void> {
    for (;;) {
      // One real turn of the loop drains every microtask queued so far, however deep the chain.
      await new Promise<void>((resolve) => void setImmediate(resolve));
      if (this.deferred.length === 0) return;
      for (const run of this.deferred.splice(0)) run();
    }
  }

  /** Moves time forward by `ms`, firing each timer at its own instant and settling after each. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.monotonic + ms;
    await this.settle();
    for (let next = this.earliest(); next && next.atMs <= untilMs; next = this.earliest()) {
      this.monotonic = next.atMs;
      this.due.delete(next);
      next.run();
      await this.settle();
    }
    this.monotonic = untilMs;
  }

  private schedule(delayMs: number, run: () => void): Timer {
    const due = { atMs: this.monotonic + Math.max(0, delayMs), order: (this.order += 1), run };
    this.due.add(due);
    return { cancel: () => void this.due.delete(due) };
  }

  private earliest(): Due | undefined {
    let first: Due | undefined;
    for (const due of this.due) {
      if (!first || due.atMs < first.atMs || (due.atMs === first.atMs && due.order < first.order)) {
        first = due;
      }
    }
    return first;
  }

  // mulberry32: 32 bits of state are enough to name a run by one number.
  private nextUint32(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}

import { sleep, systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import type { Runtime } from '@aisle/std';

/**
 * Time that the test moves, for everything except threads, so that a busy machine does not make a script look endless.
 */
export class HeldTime {
  watchesEnded = 0;
  private nowMs = 0;
  private due: { readonly atMs: number; readonly run: () => void }[] = [];

  readonly runtime: Runtime = {
    ...systemRuntime,
    clock: { nowMs: () => this.nowMs, monotonicMs: () => this.nowMs },
    timers: {
      ...systemRuntime.timers,
      after: (delayMs, run) => {
        const timer = { atMs: this.nowMs + delayMs, run };
        this.due.push(timer);
        return { cancel: () => { this.due = this.due.filter((other) => other !== timer); } };
      },
      // The watchdog reads the clock and finds it unchanged.
      every: (intervalMs, run) => {
        const timer = systemRuntime.timers.every(intervalMs, run);
        return { cancel: () => { this.watchesEnded += 1; timer.cancel(); } };
      },
    },
  };

  get passedMs(): number {
    return this.nowMs;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    const due = this.due.filter(({ atMs }) => atMs <= this.nowMs);
    this.due = this.due.filter(({ atMs }) => atMs > this.nowMs);
    for (const { run } of due) run();
  }

  async passUntil(isOver: () => boolean): Promise<void> {
    // The questions have to leave first.
    await sleep(systemRuntime, 1);
    await eventually(() => {
      if (!isOver()) this.pass(60);
      expect(isOver()).toBe(true);
    });
  }
}

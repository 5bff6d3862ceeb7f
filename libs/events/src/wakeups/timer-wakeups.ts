import type { Timer } from '@aisle/std';
import { Sweeper } from './wakeups.ts';
import type { Due, Wakeups, WakeupsOptions } from './wakeups.ts';

/** What is further away is left to the sweep; 24.8 days is as far as a timer of Node reaches. */
const AHEAD_MAX_MS = 60 * 60 * 1_000;
const TIMERS_MAX = 100_000;

/** Wake-ups by the timers of this process, for one process without a Redis. */
export class TimerWakeups implements Wakeups {
  private readonly timers = new Map<string, { timer: Timer; dueAtMs: number }>();
  private readonly working = new Set<Promise<void>>();
  private readonly sweeper: Sweeper;
  private ready = new Set<string>();
  private closed = false;

  constructor(private readonly options: WakeupsOptions) {
    this.sweeper = new Sweeper(options, async (due) => this.wakeFor(due.map(({ id }) => id)));
  }

  async schedule(due: readonly Due[]): Promise<void> {
    const { clock, timers } = this.options.runtime;
    for (const { id, dueAtMs } of due) {
      const delayMs = Math.max(0, dueAtMs - clock.nowMs());
      // Whatever has no timer is found by the sweep.
      if (this.closed || delayMs > AHEAD_MAX_MS || this.timers.size >= TIMERS_MAX) continue;
      this.timers.get(id)?.timer.cancel();
      const timer = timers.after(delayMs, () => this.fire(id), { background: true });
      this.timers.set(id, { timer, dueAtMs });
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const { timer } of this.timers.values()) timer.cancel();
    this.timers.clear();
    await this.sweeper.close();
    await Promise.all(this.working);
  }

  private fire(id: string): void {
    this.timers.delete(id);
    // Those of one moment together.
    if (this.ready.size === 0) {
      this.options.runtime.defer(() => {
        const ids = [...this.ready];
        this.ready = new Set();
        this.wakeFor(ids);
      });
    }
    this.ready.add(id);
  }

  private wakeFor(ids: readonly string[]): void {
    if (this.closed) return;
    const work: Promise<void> = this.options
      .onDue(ids)
      .catch((error: unknown) => this.options.onFailed?.(error))
      .finally(() => this.working.delete(work));
    this.working.add(work);
  }
}

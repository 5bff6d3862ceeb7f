import type { Timer } from '@aisle/std';
import { DueRows } from './due-rows.ts';
import { Slots } from './slots.ts';
import type { Due, Wakeups, WakeupsOptions } from './wakeups.ts';

/** Later times are left to the sweep; a timer of Node reaches 24.8 days. */
const AHEAD_MAX_MS = 60 * 60 * 1_000;

/** Wake-ups by the timers of this process, for one process without Redis. */
export class TimerWakeups implements Wakeups {
  private readonly timers = new Set<Timer>();
  private readonly slots: Slots;
  private readonly rows: DueRows;

  constructor(private readonly options: WakeupsOptions) {
    this.slots = new Slots(options);
    this.rows = new DueRows(options);
  }

  async schedule(due: readonly Due[]): Promise<void> {
    const { clock, timers } = this.options.runtime;
    const near = due.filter(({ dueAtMs }) => dueAtMs - clock.nowMs() < AHEAD_MAX_MS);
    for (const { delayMs } of this.slots.take(near)) {
      const timer = timers.after(delayMs, () => {
        this.timers.delete(timer);
        this.rows.wake();
      }, { background: true });
      this.timers.add(timer);
    }
  }

  async close(): Promise<void> {
    for (const timer of this.timers) timer.cancel();
    await this.rows.close();
  }
}

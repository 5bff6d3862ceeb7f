import { settleInHalves } from '@aisle/std';
import { isTransient } from '../consumer/item.ts';
import { Wake } from '../wake.ts';
import type { WakeupsOptions } from './wakeups.ts';

const SWEEP_MS = 5_000;
const ROWS_MAX = 1_000;

/** Reads the due rows whenever it is woken, and at intervals; one read at a time. */
export class DueRows {
  private readonly signal: Wake;
  private readonly ended: Promise<void>;
  private closed = false;

  constructor(private readonly options: WakeupsOptions) {
    this.signal = new Wake(options.runtime);
    this.ended = this.run();
  }

  wake(): void {
    this.signal.signal();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.signal.signal();
    await this.ended;
  }

  private async run(): Promise<void> {
    while (!this.closed) {
      await this.signal.wait(this.options.sweepMs ?? SWEEP_MS);
      try {
        if (!this.closed) await this.handAll();
      } catch (error) {
        this.options.onFailed?.(error);
      }
    }
  }

  private async handAll(): Promise<void> {
    const { runtime, findDue } = this.options;
    const handed = new Set<string>();
    for (;;) {
      const due = await findDue(runtime.clock.nowMs(), ROWS_MAX);
      // Rows that are still there after they were handled wait for a later attempt.
      const ids = due.map(({ id }) => id).filter((id) => !handed.has(id));
      if (ids.length === 0 || this.closed) return;
      await this.hand(ids);
      if (due.length < ROWS_MAX) return;
      for (const id of ids) handed.add(id);
    }
  }

  /** A row that cannot be handled is reported, and holds up no other. */
  private async hand(ids: readonly string[]): Promise<void> {
    const { onDue, onFailed } = this.options;
    const hand = async (part: readonly string[]): Promise<readonly string[]> => {
      await onDue(part);
      return part;
    };
    for (const one of await settleInHalves(ids, hand, isTransient)) {
      if (one.status === 'fulfilled') continue;
      if (isTransient(one.reason)) throw one.reason;
      onFailed?.(one.reason);
    }
  }
}

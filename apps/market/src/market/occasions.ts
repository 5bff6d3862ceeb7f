import type { Clock } from '@aisle/std';
import type { Occasion } from './draft.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Makes the occasions of messages: market, time, principal and trace. */
export class Occasions {
  private day = { fromMs: 0, today: '' };

  constructor(private readonly clock: Pick<Clock, 'nowMs'>) {}

  /** The occasion of a message with this header, at the present time. */
  of({ tenant, market, by, traceparent }: Pick<Occasion, 'tenant' | 'market' | 'by' | 'traceparent'>): Occasion {
    return { tenant, market, by, traceparent, now: this.now };
  }

  /** The present instant, with its date in UTC. */
  get now(): Occasion['now'] {
    const nowMs = this.clock.nowMs();
    return { nowMs, today: this.dayOf(nowMs) };
  }

  private dayOf(nowMs: number): string {
    const fromMs = nowMs - (nowMs % DAY_MS);
    if (fromMs !== this.day.fromMs) this.day = { fromMs, today: new Date(nowMs).toISOString().slice(0, 10) };
    return this.day.today;
  }
}

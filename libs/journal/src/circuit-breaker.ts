import type { Clock } from '@aisle/std';
import { JournalFailure } from './journal-failures.ts';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 500;

/**
 * One per node. While the storage is away, callers are refused at once instead of waiting for a connection. After a
 * pause, which doubles with each failure, work is admitted again and its outcome decides.
 */
export class CircuitBreaker {
  private pauseMs = 0;
  private closedAtMs = 0;

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  /** The remaining pause; 0 when work is admitted. */
  get retryAfterMs(): number {
    return Math.max(0, Math.ceil(this.closedAtMs - this.clock.monotonicMs()));
  }

  /** Throws `JournalFailure.unavailable` during the pause. */
  guard(): void {
    const { retryAfterMs } = this;
    if (retryAfterMs > 0) throw JournalFailure.unavailable(retryAfterMs);
  }

  succeeded(): void {
    this.pauseMs = 0;
    this.closedAtMs = 0;
  }

  failed(): void {
    // Several lanes fail together when the server goes, and only the first failure of a round counts.
    if (this.retryAfterMs > 0) return;
    this.pauseMs = Math.min(LONGEST_PAUSE_MS, this.pauseMs * 2 || FIRST_PAUSE_MS);
    this.closedAtMs = this.clock.monotonicMs() + this.pauseMs;
  }
}

const RATIO = 0.1;
const SAVED_MAX = 100;

/**
 * Retries are at most a tenth of the traffic, with a hundred saved up for a failover: a system that is
 * overloaded must not be sent more than it was.
 */
export class RetryBudget {
  private saved = SAVED_MAX;

  /** A request came in, and earned a tenth of a retry. */
  sent(): void {
    this.saved = Math.min(SAVED_MAX, this.saved + RATIO);
  }

  /** Spends a retry, if there is one left. */
  mayRetry(): boolean {
    if (this.saved < 1) return false;
    this.saved -= 1;
    return true;
  }
}

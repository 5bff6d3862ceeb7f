const RATIO = 0.1;
const SAVED_MAX = 100;

/**
 * Limits retries to a tenth of the traffic, plus up to 100 saved ones for a failover. Retries must not add to the load of an
 * overloaded system.
 */
export class RetryBudget {
  private saved = SAVED_MAX;

  /** Counts a request, which earns a tenth of a retry. */
  sent(): void {
    this.saved = Math.min(SAVED_MAX, this.saved + RATIO);
  }

  /** Spends a retry. Returns false if none is left. */
  mayRetry(): boolean {
    if (this.saved < 1) return false;
    this.saved -= 1;
    return true;
  }
}

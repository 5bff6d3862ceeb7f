import type { WindowCounter } from '@aisle/platform';
import type { Clock } from '@aisle/std';
import { RateFailure } from './rate-failures.ts';

/** The settings of an `Allowance`. */
export interface AllowanceOptions {
  /** The units of a window, over all gateways. */
  readonly quota: number;
  /** Counts the units that any gateway has leased. */
  readonly counter: Pick<WindowCounter, 'add'>;
  readonly key: string;
  readonly clock: Clock;
}

// An unused lease of a gateway is lost to the others, and its credit exceeds the limit: 1 % each.
const PART = 0.01;

/**
 * The units of one principal at this gateway. It leases them from a counter of all gateways, a hundredth of the limit at a time and ahead
 * of their use. Until the first lease of a window is there, it gives as many on credit. So a request waits for a lease only in a burst
 * that outruns the leases, or with a limit of less than a hundred.
 */
export class Allowance {
  private readonly part: number;
  /** Leased and not used; negative if more was given on credit. */
  private held = 0;
  /** Units that no gateway had leased at the last lease. */
  private unleased: number;
  private endsAtMs = Infinity;
  private isSpent = false;
  /** The units for which requests wait. */
  private awaited = 0;
  private leasing: Promise<void> | undefined;

  constructor(private readonly options: AllowanceOptions) {
    this.part = Math.floor(options.quota * PART);
    this.unleased = options.quota;
  }

  /** The units of a window, over all gateways. */
  get quota(): number {
    return this.options.quota;
  }

  /** The units that are left in the window, as far as this gateway knows. */
  get remaining(): number {
    return Math.max(0, this.unleased + this.held);
  }

  /** The time until the window ends; undefined before its first lease. */
  get endsInMs(): number | undefined {
    return this.endsAtMs === Infinity ? undefined : Math.max(0, this.endsAtMs - this.options.clock.monotonicMs());
  }

  /**
   * Takes units, at once if they are leased. Throws or rejects with `rate.exceeded`. Units beyond the limit of a window count as the limit,
   * so that each request can be admitted once.
   */
  take(units: number): Promise<void> | undefined {
    this.beginWindow();
    const wanted = Math.min(units, this.options.quota);
    const rest = this.held - wanted;
    if (rest >= (this.isSpent ? 0 : -this.part)) {
      this.held = rest;
      if (rest < this.part / 2 && !this.isSpent) void this.lease();
      return undefined;
    }
    if (this.isSpent) throw RateFailure.exceeded(this.endsInMs ?? 0);
    this.awaited += wanted;
    return this.lease().then(() => {
      this.awaited -= wanted;
      return this.take(wanted);
    });
  }

  private beginWindow(): void {
    if (this.options.clock.monotonicMs() < this.endsAtMs) return;
    this.held = 0;
    this.unleased = this.options.quota;
    this.isSpent = false;
    this.endsAtMs = Infinity;
  }

  private lease(): Promise<void> {
    this.leasing ??= this.leaseOnce().finally(() => (this.leasing = undefined));
    return this.leasing;
  }

  private async leaseOnce(): Promise<void> {
    const { quota, counter, key, clock } = this.options;
    const amount = Math.max(1, this.part + this.awaited - this.held);
    const { count, endsInMs } = await counter.add(key, amount);
    const granted = Math.min(amount, Math.max(0, quota - (count - amount)));
    this.held += granted;
    this.unleased = Math.max(0, quota - count);
    this.isSpent = granted < amount;
    this.endsAtMs = clock.monotonicMs() + endsInMs;
  }
}

import type { Due, Wakeups, WakeupsOptions } from '@aisle/events';
import { isFailure, settleInHalves, type Clock } from '@aisle/std';
import type { StandingOrder } from '../order/change-set.ts';
import type { OrderChanges } from '../order/order-changes.ts';
import type { OrdersRepository } from '../order/orders.repository.ts';
import type { OrderSteps } from './order-steps.ts';

/** The parts that `OrderDeadlines` uses. */
export interface OrderDeadlinesOptions {
  readonly repository: Pick<OrdersRepository, 'takeDue' | 'firstDue'>;
  readonly changes: Pick<OrderChanges, 'onStep'>;
  readonly steps: Pick<OrderSteps, 'resume'>;
  readonly clock: Clock;
  /** The time after which an unanswered step is requested again. */
  readonly retryMs: number;
  readonly wakeups: (options: Pick<WakeupsOptions, 'onDue' | 'findDue'>) => Wakeups;
  readonly onFailed: (error: unknown) => void;
}

const TAKEN_MAX = 512;
// All orders that are due in the same tick share a wake-up: one job per order would cost more than the order itself.
const TICK_MS = 1_000;

/**
 * Resumes due orders. The due time is stored in an order's row; a wake-up only says when to look, and a lost one causes a
 * delay. Any number of processes look at once, and each takes different orders.
 */
export class OrderDeadlines {
  private wakeups: Wakeups | undefined;
  private passing: Promise<void> | undefined;
  private isWoken = false;
  private stopped = false;

  constructor(private readonly options: OrderDeadlinesOptions) {
    const { changes, clock, retryMs } = options;
    changes.onStep(() => this.schedule(clock.nowMs() + retryMs));
  }

  start(): void {
    this.wakeups = this.options.wakeups({
      onDue: () => this.wake(),
      findDue: (byMs) => this.findDue(byMs),
    });
  }

  /** Schedules a wake-up at `atMs`, in milliseconds since 1970. The row that is due then is committed. */
  schedule(atMs: number): void {
    const tick = Math.ceil(atMs / TICK_MS);
    this.wakeups?.schedule([{ id: `tick-${tick}`, dueAtMs: tick * TICK_MS }]).catch(this.options.onFailed);
  }

  /** Takes no more orders; resolves when those that were taken are done. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.wakeups?.close();
    await this.passing;
  }

  /** Resumes all orders that are due now. Rejects with the first failure, after all have been tried. */
  async pass(): Promise<void> {
    const { repository, steps } = this.options;
    let failed: PromiseSettledResult<unknown> | undefined;
    for (let taken = TAKEN_MAX; taken === TAKEN_MAX && !this.stopped; ) {
      const due = await repository.takeDue(TAKEN_MAX);
      taken = due.length;
      // Halving isolates an order that fails, so that it does not hold up the others.
      const resume = async (part: readonly StandingOrder[]): Promise<readonly StandingOrder[]> => {
        await steps.resume(part);
        return part;
      };
      failed ??= (await settleInHalves(due, resume, isFailure)).find(({ status }) => status === 'rejected');
    }
    if (failed) throw (failed as PromiseRejectedResult).reason;
  }

  private async wake(): Promise<void> {
    this.isWoken = true;
    await (this.passing ??= this.passWhileWoken().finally(() => (this.passing = undefined)));
  }

  private async passWhileWoken(): Promise<void> {
    while (this.isWoken && !this.stopped) {
      this.isWoken = false;
      // Orders of a failed pass are due again after `retryMs`.
      await this.pass();
    }
  }

  private async findDue(byMs: number): Promise<readonly Due[]> {
    const dueAtMs = await this.options.repository.firstDue();
    return dueAtMs !== undefined && dueAtMs <= byMs ? [{ id: `sweep-${byMs}`, dueAtMs }] : [];
  }
}

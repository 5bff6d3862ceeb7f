import type { Due, Wakeups, WakeupsOptions } from '@aisle/events';
import { isFailure, settleInHalves, type Clock } from '@aisle/std';
import type { StandingOrder } from '../order/change-set.ts';
import type { OrderChanges } from '../order/order-changes.ts';
import type { OrdersRepository } from '../order/orders.repository.ts';
import type { OrderSteps } from './order-steps.ts';

export interface DeadlinesOptions {
  readonly repository: Pick<OrdersRepository, 'takeDue' | 'firstDue'>;
  readonly changes: Pick<OrderChanges, 'onStep'>;
  readonly steps: Pick<OrderSteps, 'resume'>;
  readonly clock: Clock;
  /** After so long without an answer a step is asked for again. */
  readonly retryMs: number;
  readonly wakeups: (options: Pick<WakeupsOptions, 'onDue' | 'findDue'>) => Wakeups;
  readonly onFailed: (error: unknown) => void;
}

const TAKEN_MAX = 512;
// One wake-up for all orders that are due within it: a job for each would cost more than the orders do.
const TICK_MS = 1_000;

/**
 * Deals with the orders of which something is due. Their rows say so; a wake-up only says when to look, and one that is
 * lost makes it later. Any number of processes look, and each takes others.
 */
export class Deadlines {
  private wakeups: Wakeups | undefined;
  private passing: Promise<void> | undefined;
  private isWoken = false;
  private stopped = false;

  constructor(private readonly options: DeadlinesOptions) {
    const { changes, clock, retryMs } = options;
    changes.onStep(() => this.expect(clock.nowMs() + retryMs));
  }

  start(): void {
    this.wakeups = this.options.wakeups({
      onDue: () => this.wake(),
      findDue: (byMs) => this.findDue(byMs),
    });
  }

  /** Something will be due then; the row that says so is committed. */
  expect(atMs: number): void {
    const tick = Math.ceil(atMs / TICK_MS);
    this.wakeups?.schedule([{ id: `tick-${tick}`, dueAtMs: tick * TICK_MS }]).catch(this.options.onFailed);
  }

  /** Resolves when what was taken is dealt with. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.wakeups?.close();
    await this.passing;
  }

  /** Deals with all that is due by now. */
  async pass(): Promise<void> {
    const { repository, steps } = this.options;
    let failed: PromiseSettledResult<unknown> | undefined;
    for (let taken = TAKEN_MAX; taken === TAKEN_MAX && !this.stopped; ) {
      const due = await repository.takeDue(TAKEN_MAX);
      taken = due.length;
      // One that can't be dealt with holds up none of the others, now or when all of them are due again.
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
      // What was taken and not dealt with is due again after a while.
      await this.pass();
    }
  }

  private async findDue(byMs: number): Promise<readonly Due[]> {
    const dueAtMs = await this.options.repository.firstDue();
    return dueAtMs !== undefined && dueAtMs <= byMs ? [{ id: `sweep-${byMs}`, dueAtMs }] : [];
  }
}

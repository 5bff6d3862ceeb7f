import type { Order } from '@aisle/contracts';
import type { FailureFacts } from '@aisle/std';
import type { OrderReads } from '../reading/order-reads.ts';
import type { OrderSteps } from '../steps/order-steps.ts';
import type { OrderAddress, StandingOrder } from './change-set.ts';
import type { OrderChanges } from './order-changes.ts';
import { OrderFailure } from './order-failures.ts';
import { cancel, fulfil, type OrderState } from './order.ts';

export interface OrderDeskOptions {
  readonly changes: Pick<OrderChanges, 'changeOne'>;
  readonly steps: Pick<OrderSteps, 'take'>;
  readonly reads: Pick<OrderReads, 'read'>;
}

/**
 * What people ask of an order that there is. What was asked is in the order's row before the market hears of it: should
 * this process die now, another one goes on asking.
 */
export class OrderDesk {
  constructor(private readonly options: OrderDeskOptions) {}

  /** Gives its stock back. Throws `OrderFailure.missing`, `OrderFailure.notCancellable`, `OrderFailure.undecided`. */
  async cancel(order: OrderAddress): Promise<Order> {
    const { after } = await this.ask(order, cancel);
    if (after.status !== 'CANCELLED') throw OrderFailure.notCancellable(after);
    return this.options.reads.read(order);
  }

  /**
   * Hands its goods out. Throws `OrderFailure.missing`, `OrderFailure.notFulfillable`, `OrderFailure.undecided`, or why the market
   * can't.
   */
  async fulfil(order: OrderAddress): Promise<Order> {
    const { after, refused } = await this.ask(order, fulfil);
    if (refused !== undefined) throw refused;
    if (after.status !== 'FULFILLED') throw OrderFailure.notFulfillable(after);
    return this.options.reads.read(order);
  }

  private async ask(
    order: OrderAddress, to: (order: OrderState) => OrderState,
  ): Promise<{ after: StandingOrder; refused?: FailureFacts }> {
    const changed = await this.options.changes.changeOne({ ...order, to });
    if (changed === undefined) throw OrderFailure.missing(order.id);
    if ('failure' in changed) throw changed.failure;
    if (changed.after.step === null) return changed;
    const { answer, after } = await this.options.steps.take(changed.after, changed.after.step);
    if ('unanswered' in answer) throw OrderFailure.undecided();
    return 'refused' in answer ? { after, refused: answer.refused } : { after };
  }
}

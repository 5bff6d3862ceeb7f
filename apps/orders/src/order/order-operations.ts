import type { Order } from '@aisle/contracts';
import type { FailureFacts } from '@aisle/std';
import type { OrderReads } from '../reading/order-reads.ts';
import type { OrderSteps } from '../steps/order-steps.ts';
import type { OrderAddress, StandingOrder } from './change-set.ts';
import type { OrderChanges } from './order-changes.ts';
import { OrderFailure } from './order-failures.ts';
import { cancel, fulfil, type OrderState } from './order.ts';

/** The parts that `OrderOperations` uses. */
export interface OrderOperationsOptions {
  readonly changes: Pick<OrderChanges, 'changeOne'>;
  readonly steps: Pick<OrderSteps, 'take'>;
  readonly reads: Pick<OrderReads, 'read'>;
}

/**
 * Operations on an existing order by customers and staff. The request is in the order's row before the market gets it, so
 * another process repeats it if this one dies.
 */
export class OrderOperations {
  constructor(private readonly options: OrderOperationsOptions) {}

  /**
   * Cancels the order for a principal and releases its stock. Throws `OrderFailure.missing`, `OrderFailure.notCancellable` or
   * `OrderFailure.undecided`.
   */
  async cancel(order: OrderAddress, by: string): Promise<Order> {
    const { after } = await this.ask(order, by, cancel);
    if (after.status !== 'CANCELLED') throw OrderFailure.notCancellable(after);
    return this.options.reads.read(order);
  }

  /**
   * Hands the goods out. Throws `OrderFailure.missing`, `OrderFailure.notFulfillable`, `OrderFailure.undecided`, or the market's refusal.
   */
  async fulfil(order: OrderAddress, by: string): Promise<Order> {
    const { after, refused } = await this.ask(order, by, fulfil);
    if (refused !== undefined) throw refused;
    if (after.status !== 'FULFILLED') throw OrderFailure.notFulfillable(after);
    return this.options.reads.read(order);
  }

  private async ask(
    order: OrderAddress, by: string, to: (order: OrderState) => OrderState,
  ): Promise<{ after: StandingOrder; refused?: FailureFacts }> {
    const changed = await this.options.changes.changeOne({ ...order, by, to });
    if (changed === undefined) throw OrderFailure.missing(order.id);
    if ('failure' in changed) throw changed.failure;
    if (changed.after.step === null) return changed;
    const { answer, after } = await this.options.steps.take(changed.after, changed.after.step);
    if ('unanswered' in answer) throw OrderFailure.undecided();
    return 'refused' in answer ? { after, refused: answer.refused } : { after };
  }
}

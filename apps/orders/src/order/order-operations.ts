import type { Order } from '@aisle/contracts';
import type { FailureFacts } from '@aisle/std';
import type { OrderReads } from '../reading/order-reads.ts';
import type { OrderSteps } from '../steps/order-steps.ts';
import type { OrderAddress, StandingOrder } from './change-set.ts';
import type { OrderChanges } from './order-changes.ts';
import { OrderMissing, OrderNotCancellable, OrderNotFulfillable, OrderUndecided } from './order-failures.ts';
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

  /** Cancels the order and releases its stock. Throws `OrderMissing`, `OrderNotCancellable` or `OrderUndecided`. */
  async cancel(order: OrderAddress): Promise<Order> {
    const { after } = await this.ask(order, cancel);
    if (after.status !== 'CANCELLED') throw new OrderNotCancellable(after);
    return this.options.reads.read(order);
  }

  /** Hands the goods out. Throws `OrderMissing`, `OrderNotFulfillable`, `OrderUndecided`, or the market's refusal. */
  async fulfil(order: OrderAddress): Promise<Order> {
    const { after, refused } = await this.ask(order, fulfil);
    if (refused !== undefined) throw refused;
    if (after.status !== 'FULFILLED') throw new OrderNotFulfillable(after);
    return this.options.reads.read(order);
  }

  private async ask(
    order: OrderAddress, to: (order: OrderState) => OrderState,
  ): Promise<{ after: StandingOrder; refused?: FailureFacts }> {
    const changed = await this.options.changes.changeOne({ ...order, to });
    if (changed === undefined) throw new OrderMissing(order.id);
    if ('failure' in changed) throw changed.failure;
    if (changed.after.step === null) return changed;
    const { answer, after } = await this.options.steps.take(changed.after, changed.after.step);
    if ('unanswered' in answer) throw new OrderUndecided();
    return 'refused' in answer ? { after, refused: answer.refused } : { after };
  }
}

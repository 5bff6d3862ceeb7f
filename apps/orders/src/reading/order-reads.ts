import type { ListOrders, Order, OrderList } from '@aisle/contracts';
import type { OrderAddress } from '../order/change-set.ts';
import { OrderMissing } from '../order/order-failures.ts';

export interface OrderReadsOptions {
  /** Together with whatever else is read at the moment. */
  readonly find: (order: OrderAddress) => Promise<Order | undefined>;
  readonly list: (tenant: string, page: ListOrders) => Promise<OrderList>;
}

/** Orders as they stand. */
export class OrderReads {
  constructor(private readonly options: OrderReadsOptions) {}

  /** Throws `OrderMissing`. */
  async read(order: OrderAddress): Promise<Order> {
    const found = await this.options.find(order);
    if (found === undefined) throw new OrderMissing(order.id);
    return found;
  }

  /** Throws a failure of kind `invalid` for a cursor that is none. */
  list(tenant: string, page: ListOrders): Promise<OrderList> {
    return this.options.list(tenant, page);
  }
}

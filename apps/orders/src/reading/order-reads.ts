import type { ListOrders, Order, OrderList } from '@aisle/contracts';
import type { OrderAddress } from '../order/change-set.ts';
import { OrderMissing } from '../order/order-failures.ts';
import type { FoundOrder } from './order-reads.repository.ts';
import { asPlacedView, orderView } from './order-view.ts';

export interface OrderReadsOptions {
  /** Together with whatever else is read at the moment. */
  readonly find: (order: OrderAddress) => Promise<FoundOrder | undefined>;
  readonly list: (tenant: string, page: ListOrders) => Promise<OrderList>;
}

/** Orders as they stand. */
export class OrderReads {
  constructor(private readonly options: OrderReadsOptions) {}

  /** Throws `OrderMissing`. */
  async read(address: OrderAddress): Promise<Order> {
    const { order, history } = await this.find(address);
    return orderView(order, history);
  }

  /** The document as it was when the order had just been placed. Throws `OrderMissing`. */
  async readPlaced(address: OrderAddress): Promise<Order> {
    const { order, history } = await this.find(address);
    return asPlacedView(order, history);
  }

  /** Throws a failure of kind `invalid` for a cursor that is none. */
  list(tenant: string, page: ListOrders): Promise<OrderList> {
    return this.options.list(tenant, page);
  }

  private async find(address: OrderAddress): Promise<FoundOrder> {
    const found = await this.options.find(address);
    if (found === undefined) throw new OrderMissing(address.id);
    return found;
  }
}

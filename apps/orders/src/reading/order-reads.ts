import type { ListOrders, Order, OrderList } from '@aisle/contracts';
import { assert, type Runtime } from '@aisle/std';
import type { OrderAddress } from '../order/change-set.ts';
import { OrderFailure } from '../order/order-failures.ts';
import { batched } from '../order/batched.ts';
import type { FoundOrder, OrderReadsRepository } from './order-reads.repository.ts';
import { asPlacedView, orderView } from './order-view.ts';
import type { StoredOrder } from './stored-order.ts';

/** Reads orders. Concurrent reads of single orders share queries. */
export class OrderReads {
  private readonly findOne: (order: OrderAddress) => Promise<FoundOrder | undefined>;
  private readonly storedOne: (order: OrderAddress) => Promise<StoredOrder | undefined>;

  constructor(private readonly repository: OrderReadsRepository, runtime: Pick<Runtime, 'defer'>) {
    this.findOne = batched(runtime, (wanted) => repository.find(wanted));
    this.storedOne = batched(runtime, (wanted) => repository.stored(wanted));
  }

  /** The document of an order. Throws `OrderFailure.missing`. */
  async read(address: OrderAddress): Promise<Order> {
    const { order, history } = await this.find(address);
    return orderView(order, history);
  }

  /** The document of the order when it was placed. Throws `OrderFailure.missing`. */
  async readPlaced(address: OrderAddress): Promise<Order> {
    const { order, history } = await this.find(address);
    return asPlacedView(order, history);
  }

  /** A page of orders, latest first. Throws a failure of kind `invalid` for a cursor that no page returned. */
  list(tenant: string, page: ListOrders): Promise<OrderList> {
    return this.repository.list(tenant, page);
  }

  /** The stored form of an existing order. */
  async stored(address: OrderAddress): Promise<StoredOrder> {
    const found = await this.storedOne(address);
    assert(found, 'an open order is stored');
    return found;
  }

  private async find(address: OrderAddress): Promise<FoundOrder> {
    const found = await this.findOne(address);
    if (found === undefined) throw OrderFailure.missing(address.id);
    return found;
  }
}

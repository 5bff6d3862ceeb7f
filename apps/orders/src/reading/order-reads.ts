import type { ListOrders, Order, OrderList } from '@aisle/contracts';
import { assert, type Runtime } from '@aisle/std';
import type { OrderAddress } from '../order/change-set.ts';
import { OrderFailure } from '../order/order-failures.ts';
import { together } from '../order/together.ts';
import type { FoundOrder, OrderReadsRepository } from './order-reads.repository.ts';
import { asPlacedView, orderView } from './order-view.ts';
import type { StoredOrder } from './stored-order.ts';

/** Orders as they stand. One is read together with whatever else is read at the moment. */
export class OrderReads {
  private readonly findOne: (order: OrderAddress) => Promise<FoundOrder | undefined>;
  private readonly storedOne: (order: OrderAddress) => Promise<StoredOrder | undefined>;

  constructor(private readonly repository: OrderReadsRepository, runtime: Pick<Runtime, 'defer'>) {
    this.findOne = together(runtime, (wanted) => repository.find(wanted));
    this.storedOne = together(runtime, (wanted) => repository.stored(wanted));
  }

  /** Throws `OrderFailure.missing`. */
  async read(address: OrderAddress): Promise<Order> {
    const { order, history } = await this.find(address);
    return orderView(order, history);
  }

  /** The document as it was when the order had just been placed. Throws `OrderFailure.missing`. */
  async readPlaced(address: OrderAddress): Promise<Order> {
    const { order, history } = await this.find(address);
    return asPlacedView(order, history);
  }

  /** Throws a failure of kind `invalid` for a cursor that is none. */
  list(tenant: string, page: ListOrders): Promise<OrderList> {
    return this.repository.list(tenant, page);
  }

  /** An order that there is, as its rows say. */
  async stored(address: OrderAddress): Promise<StoredOrder> {
    const found = await this.storedOne(address);
    assert(found, 'an order that stands is stored');
    return found;
  }

  private async find(address: OrderAddress): Promise<FoundOrder> {
    const found = await this.findOne(address);
    if (found === undefined) throw OrderFailure.missing(address.id);
    return found;
  }
}

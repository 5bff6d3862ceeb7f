import {
  OrderProtocol, type CreateReply, type ListOrders, type NewOrder, type Order, type OrderLine, type OrderList, type OrderStatus, type PlaceOrder,
  type PlaceReply,
} from '@aisle/contracts';
import { systemRuntime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { gbp } from './fake-baskets.ts';
import { INVENTORY, reserved, type OrdersWorld } from './orders-world.ts';

/** Two GR1 of the basket `anna`, as it is checked out without any rule. */
export const annas: PlaceOrder = {
  basket: 'anna', total: gbp(622), adjustments: [], lines: [plainLine('GR1', 2, 311)],
  pricing: { at: '2026-11-30T09:00:00.000Z', rules: 0, canaryKey: 'anna' },
};

/** A line that no rule changes. */
export function plainLine(sku: string, quantity: number, unitPriceMinor: number): OrderLine {
  const gross = gbp(quantity * unitPriceMinor);
  return {
    sku, name: `The ${sku}`, quantity, unitPrice: gbp(unitPriceMinor), gross, adjustments: [], net: gross, share: gbp(0), total: gross,
  };
}

export function newId(): string {
  return uuidv7(systemRuntime);
}

/** What is asked of orders, as the other apps ask it. */
export class OrderCalls {
  constructor(private readonly world: () => OrdersWorld) {}

  place(id: string, body = annas, market = 'm1'): Promise<PlaceReply> {
    return this.world().ask(OrderProtocol.place, { actor: id, market }, body);
  }

  /** The id of a checked-out basket that is PENDING. */
  async placed(body = annas): Promise<string> {
    const id = newId();
    await this.place(id, body);
    return id;
  }

  create(key: string, lines = [{ sku: 'GR1', quantity: 2 }], more: Partial<NewOrder> = {}): Promise<CreateReply> {
    return this.world().ask(OrderProtocol.create, { id: key }, { market: 'm1', lines, allowPartial: false, ...more });
  }

  /** The market and inventory give it all of its stock, or all but some. */
  async reserve(id: string, missing: { sku: string; quantity: number }[] = []): Promise<void> {
    this.world().market.reserve({ orderId: id });
    await this.world().tell(INVENTORY, [reserved(id, missing)]);
  }

  async confirm(id: string): Promise<void> {
    await this.reserve(id);
    await this.ended(id, 'CONFIRMED');
  }

  read(id: string): Promise<Order> {
    return this.world().ask(OrderProtocol.read, { actor: id });
  }

  ended(id: string, status: OrderStatus): Promise<Order> {
    return eventually(async () => {
      const order = await this.read(id);
      expect(order.status).toBe(status);
      return order;
    });
  }

  list(page: ListOrders): Promise<OrderList> {
    return this.world().ask(OrderProtocol.list, {}, page);
  }

  /** The types of what the other apps were told of an order, once all of it is published. */
  async told(id: string): Promise<string[]> {
    return (await this.toldOf(id)).map(({ type }) => type);
  }

  /** The same with the data. */
  toldOf(id: string): Promise<{ type: string; data: unknown }[]> {
    return eventually(async () => {
      const { rows: left } = await this.world().rows.query('SELECT 1 FROM outbox WHERE key = $1', [id]);
      expect(left).toEqual([]);
      const { rows } = await this.world().rows.query<{ event: { type: string; data: unknown } }>(
        'SELECT event FROM outbox_log WHERE key = $1 ORDER BY position', [id],
      );
      return rows.map(({ event: { type, data } }) => ({ type, data }));
    });
  }
}

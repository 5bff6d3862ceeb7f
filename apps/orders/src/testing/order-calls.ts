import {
  OrderProtocol, type CreateReply, type ListOrders, type NewOrder, type Order, type OrderLine, type OrderList, type OrderStatus, type PlaceOrder,
  type PlaceReply,
} from '@aisle/contracts';
import { systemRuntime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { gbp } from './fake-baskets.ts';
import { INVENTORY, reserved, type OrdersWorld } from './orders-world.ts';

/** The order of the basket `anna`: two GR1, priced without rules. */
export const annas: PlaceOrder = {
  basket: 'anna', total: gbp(622), adjustments: [], lines: [plainLine('GR1', 2, 311)],
  pricing: { at: '2026-11-30T09:00:00.000Z', rules: 0, canaryKey: 'anna' },
};

/** A line without adjustments. */
export function plainLine(sku: string, quantity: number, unitPriceMinor: number): OrderLine {
  const gross = gbp(quantity * unitPriceMinor);
  return {
    sku, name: `The ${sku}`, quantity, unitPrice: gbp(unitPriceMinor), gross, adjustments: [], net: gross, share: gbp(0), total: gross,
  };
}

export function newId(): string {
  return uuidv7(systemRuntime);
}

/** Requests to orders, as other apps send them. */
export class OrderCalls {
  constructor(private readonly world: () => OrdersWorld) {}

  place(id: string, body = annas, market = 'm1'): Promise<PlaceReply> {
    return this.world().ask(OrderProtocol.place, { actor: id, market }, body);
  }

  /** Places the order of a basket, and returns its id. */
  async placed(body = annas): Promise<string> {
    const id = newId();
    await this.place(id, body);
    return id;
  }

  create(key: string, lines = [{ sku: 'GR1', quantity: 2 }], more: Partial<NewOrder> = {}): Promise<CreateReply> {
    return this.world().ask(OrderProtocol.create, { id: key }, { market: 'm1', lines, allowPartial: false, ...more });
  }

  /** Reserves all of an order's stock, or all but `missing`, in the market and by inventory's event. */
  async reserve(id: string, missing: { sku: string; quantity: number }[] = []): Promise<void> {
    this.world().market.reserve({ orderId: id });
    await this.world().publish(INVENTORY, [reserved(id, missing)]);
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

  /** The types of an order's integration events, once all are published. */
  async publishedTypes(id: string): Promise<string[]> {
    return (await this.published(id)).map(({ type }) => type);
  }

  /** An order's integration events, once all are published. */
  published(id: string): Promise<{ type: string; data: unknown }[]> {
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

import type { EventData, NewOrder, Order, OrderPricing, PlaceOrder, PricedOrder } from '@aisle/contracts';
import { payloadHashOf } from '../order/order-id.ts';
import { orderPrice, type OrderPrice } from '../pricing/order-price.ts';

/** An order when it is placed: PENDING, with frozen prices. */
export interface PlacedOrder extends OrderPrice {
  readonly tenant: string;
  readonly id: string;
  readonly market: string;
  readonly basket?: string;
  /** The version of the basket at which its opening began. */
  readonly opening?: number;
  /** The rules and the instant of its prices. */
  readonly pricing: OrderPricing;
  readonly allowPartial: boolean;
  /** The hash of the request: the same id with another hash is a mismatch. */
  readonly payloadHash: string;
  /** The name of the principal who placed it; empty for the system. */
  readonly by: string;
  readonly traceparent: string;
  readonly createdAtMs: number;
  /**
   * The time at which the order is timed out if it has no stock, and at which uncommitted stock is released. Milliseconds
   * since 1970.
   */
  readonly expiresAtMs: number;
}

/** The facts of an order that do not depend on its products. */
export type OrderHead = Pick<PlacedOrder, 'tenant' | 'id' | 'market' | 'by' | 'traceparent' | 'createdAtMs' | 'expiresAtMs'>;

/** The order of a basket's checkout. */
export function fromBasket(head: OrderHead, { basket, opening, pricing, allowPartial = false, ...price }: PlaceOrder): PlacedOrder {
  // The hash covers only the facts that orders have always had, so that it matches orders placed by older versions.
  const lines = price.lines.map(({ sku, quantity, unitPrice, net }) => ({ sku, quantity, unitPrice, net }));
  const payloadHash = payloadHashOf([head.market, basket ?? null, lines, price.total, allowPartial]);
  return { ...head, ...orderPrice(price), ...(basket === undefined ? {} : { basket }), ...(opening === undefined ? {} : { opening }), pricing, allowPartial, payloadHash };
}

/** An order of products without a basket, at present prices. */
export function fromPriced(head: OrderHead, wanted: NewOrder, { pricing, ...price }: PricedOrder): PlacedOrder {
  const { allowPartial } = wanted;
  return { ...head, ...orderPrice(price), pricing, allowPartial, payloadHash: wantedHashOf(wanted) };
}

/** The payload hash of an order without a basket. It covers the request, and not the prices, which may change before a retry. */
export function wantedHashOf({ market, lines, allowPartial, canaryKey }: NewOrder): string {
  const asked = [market, lines.map(({ sku, code, quantity }) => [sku ?? { code }, quantity]), allowPartial];
  return payloadHashOf(canaryKey === undefined ? asked : [...asked, canaryKey]);
}

/** The document of a newly placed order. */
export function placedView({ id, market, basket, lines, adjustments, total, taxes, degraded, by, createdAtMs }: PlacedOrder): Order {
  const createdAt = new Date(createdAtMs).toISOString();
  return {
    id, market, ...(basket === undefined ? {} : { basket }), status: 'PENDING', total, ...(degraded ? { degraded } : {}),
    createdAt, lines: [...lines], adjustments: [...adjustments], ...(taxes ? { taxes } : {}), history: [{ at: createdAt, status: 'PENDING', ...(by === '' ? {} : { by }) }],
  };
}

/** The data of an order's event `OrderCreated`. */
export function orderCreated(order: PlacedOrder): EventData<'OrderCreated'> {
  const { id: orderId, market, basket, lines, adjustments, total, taxes, degraded, allowPartial, expiresAtMs } = order;
  return {
    orderId, market, ...(basket === undefined ? {} : { basket }), lines: [...lines], adjustments: [...adjustments], total,
    ...(taxes ? { taxes } : {}), ...(degraded ? { degraded } : {}), allowPartial, expiresAt: new Date(expiresAtMs).toISOString(),
  };
}

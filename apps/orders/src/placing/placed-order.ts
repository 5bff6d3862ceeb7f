import type { EventData, NewOrder, Order, OrderPricing, PlaceOrder, PricedOrder } from '@aisle/contracts';
import { payloadHashOf } from '../order/order-id.ts';
import { orderPrice, type OrderPrice } from '../pricing/order-price.ts';

/** An order as it is placed: PENDING, its prices frozen. */
export interface PlacedOrder extends OrderPrice {
  readonly tenant: string;
  readonly id: string;
  readonly market: string;
  readonly basket?: string;
  /** The rules and the instant by which it was priced. */
  readonly pricing: OrderPricing;
  readonly allowPartial: boolean;
  /** Of what was asked for: the same id with another is another order. */
  readonly payloadHash: string;
  readonly traceparent: string;
  readonly createdAtMs: number;
  /** Without stock by then it is timed out, and without a commit its stock goes back. */
  readonly expiresAtMs: number;
}

/** Who orders where, and until when it has to be decided. */
export type Placing = Pick<PlacedOrder, 'tenant' | 'id' | 'market' | 'traceparent' | 'createdAtMs' | 'expiresAtMs'>;

/** A basket that was checked out. */
export function fromBasket(placing: Placing, { basket, pricing, allowPartial = false, ...price }: PlaceOrder): PlacedOrder {
  // Of the facts that orders have always had: a basket that was placed by an older version is known again.
  const lines = price.lines.map(({ sku, quantity, unitPrice, net }) => ({ sku, quantity, unitPrice, net }));
  const payloadHash = payloadHashOf([placing.market, basket ?? null, lines, price.total, allowPartial]);
  return { ...placing, ...orderPrice(price), ...(basket === undefined ? {} : { basket }), pricing, allowPartial, payloadHash };
}

/** Products ordered without a basket, at the prices of now. */
export function fromPriced(placing: Placing, wanted: NewOrder, { pricing, ...price }: PricedOrder): PlacedOrder {
  const { allowPartial } = wanted;
  return { ...placing, ...orderPrice(price), pricing, allowPartial, payloadHash: wantedHashOf(wanted) };
}

/** Of an order without a basket: what was asked for, not what it costs by now. */
export function wantedHashOf({ market, lines, allowPartial, canaryKey }: NewOrder): string {
  const asked = [market, lines.map(({ sku, quantity }) => [sku, quantity]), allowPartial];
  return payloadHashOf(canaryKey === undefined ? asked : [...asked, canaryKey]);
}

/** The document of an order that was just placed. */
export function placedView({ id, market, basket, lines, adjustments, total, degraded, createdAtMs }: PlacedOrder): Order {
  const createdAt = new Date(createdAtMs).toISOString();
  return {
    id, market, ...(basket === undefined ? {} : { basket }), status: 'PENDING', total, ...(degraded ? { degraded } : {}),
    createdAt, lines: [...lines], adjustments: [...adjustments], history: [{ at: createdAt, status: 'PENDING' }],
  };
}

/** What the other apps are told of it. */
export function orderCreated(order: PlacedOrder): EventData<'OrderCreated'> {
  const { id: orderId, market, basket, lines, adjustments, total, degraded, allowPartial, expiresAtMs } = order;
  return {
    orderId, market, ...(basket === undefined ? {} : { basket }), lines: [...lines], adjustments: [...adjustments], total,
    ...(degraded ? { degraded } : {}), allowPartial, expiresAt: new Date(expiresAtMs).toISOString(),
  };
}

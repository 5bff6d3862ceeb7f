import type { EventData, Money, NewOrder, Order, OrderLine, PlaceOrder, Quote } from '@aisle/contracts';
import { payloadHashOf } from '../order/order-id.ts';

/** An order as it is placed: PENDING, its prices frozen. */
export interface PlacedOrder {
  readonly tenant: string;
  readonly id: string;
  readonly market: string;
  readonly basket?: string;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
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
export function fromBasket(placing: Placing, { basket, lines, total, allowPartial = false }: PlaceOrder): PlacedOrder {
  const payloadHash = payloadHashOf([placing.market, basket ?? null, lines, total, allowPartial]);
  return { ...placing, ...(basket === undefined ? {} : { basket }), lines, total, allowPartial, payloadHash };
}

/** Products ordered without a basket, at the prices of now. */
export function fromQuote(placing: Placing, wanted: NewOrder, quote: Quote): PlacedOrder {
  const lines = quote.lines.map(({ sku, quantity, unitPrice, net }) => ({ sku, quantity, unitPrice, net }));
  return {
    ...placing, lines, total: quote.total, allowPartial: wanted.allowPartial, payloadHash: wantedHashOf(wanted),
  };
}

/** Of an order without a basket: what was asked for, not what it costs by now. */
export function wantedHashOf({ market, lines, allowPartial }: NewOrder): string {
  return payloadHashOf([market, lines.map(({ sku, quantity }) => [sku, quantity]), allowPartial]);
}

/** The document of an order that was just placed. */
export function placedView(order: PlacedOrder): Order {
  const createdAt = new Date(order.createdAtMs).toISOString();
  return {
    id: order.id,
    market: order.market,
    ...(order.basket === undefined ? {} : { basket: order.basket }),
    status: 'PENDING',
    total: order.total,
    createdAt,
    lines: [...order.lines],
    history: [{ at: createdAt, status: 'PENDING' }],
  };
}

/** What the other apps are told of it. */
export function orderCreated(order: PlacedOrder): EventData<'OrderCreated'> {
  const { id: orderId, market, lines, total, allowPartial, expiresAtMs } = order;
  return { orderId, market, lines: [...lines], total, allowPartial, expiresAt: new Date(expiresAtMs).toISOString() };
}

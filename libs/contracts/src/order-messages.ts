import type { Money } from './money.ts';
import type { OrderPricing } from './basket-messages.ts';
import type { Adjustment } from './basket.ts';
import type { NewOrder, Order, OrderLine, OrderStatus } from './order.ts';

/**
 * The messages that any orders process answers. The actor in the header is the order's id; `create` and `list` have
 * none of their own and take any.
 */
export const ORDER_MESSAGES = {
  place: 'order.place',
  create: 'order.create',
  read: 'order.read',
  list: 'order.list',
  history: 'order.history',
  cancel: 'order.cancel',
  fulfil: 'order.fulfil',
} as const;

/**
 * What `order.place` carries: a basket that was checked out, its prices frozen. Idempotent by the order's id in the
 * header: the same again is `already-placed`, other lines under the same id are refused (`idempotency.mismatch`).
 */
export interface PlaceOrder {
  /** The id of the basket. */
  readonly basket?: string;
  readonly lines: readonly OrderLine[];
  /** By the rules for the basket as a whole. */
  readonly adjustments: readonly Adjustment[];
  /** What the basket came to, its own adjustments included. */
  readonly total: Money;
  /** A rule failed when the basket was priced. */
  readonly degraded?: boolean;
  /** The rules and the instant by which it was priced. */
  readonly pricing: OrderPricing;
  /** Takes what there is; without it, all or nothing. */
  readonly allowPartial?: boolean;
}

/** The answer to `order.place`, given once the order is in the database. */
export interface PlaceReply {
  readonly outcome: 'placed' | 'already-placed';
}

/** What `order.create` carries; the id of the order follows from the command's id. */
export type CreateOrder = NewOrder;

/** The answer to `order.create`: the order as it was placed. */
export interface CreateReply {
  readonly order: Order;
  /** It was placed before, under the same command id. */
  readonly replayed: boolean;
}

/** What `order.list` carries; the answer is an `OrderList`, latest first. */
export interface ListOrders {
  readonly market?: string | undefined;
  readonly status?: OrderStatus | undefined;
  /** Only orders that are at risk, or only those that are not. */
  readonly atRisk?: boolean | undefined;
  /** The `next` of the page before. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

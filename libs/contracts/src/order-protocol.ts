import { z } from 'zod';
import { ChargedAdjustment, ChargedLine, OrderPricing } from './basket-protocol.ts';
import { ReadPage } from './document-reply.ts';
import { Money } from './money.ts';
import { NewOrder, Order, OrderHistory, OrderList, OrderStatus } from './order.ts';
import type { ReadonlyFields } from './protocol/immutable.ts';
import { documentOf, message } from './protocol/message.ts';
import { protocol } from './protocol/protocol.ts';
import { Text } from './text.ts';

/** An order, which any orders process finds. Its market is told where it is placed; lists are of no order. */
export interface OrderKey {
  readonly order?: string;
  readonly market?: string;
}

/**
 * A basket that was checked out, its prices frozen. Idempotent by the order's id: the same again is `already-placed`, other
 * lines under the same id are refused (`idempotency.mismatch`).
 */
export const PlaceOrder = z.object({
  /** The id of the basket. */
  basket: Text.exactOptional(),
  lines: z.array(ChargedLine),
  /** By the rules for the basket as a whole. */
  adjustments: z.array(ChargedAdjustment),
  /** What the basket came to, its own adjustments included. */
  total: Money,
  /** A rule failed when the basket was priced. */
  degraded: z.boolean().exactOptional(),
  /** The rules and the instant by which it was priced. */
  pricing: OrderPricing,
  /** Takes what there is; without it, all or nothing. */
  allowPartial: z.boolean().exactOptional(),
});
export type PlaceOrder = ReadonlyFields<z.infer<typeof PlaceOrder>>;

/** Given once the order is in the database. */
export const PlaceReply = z.object({ outcome: z.enum(['placed', 'already-placed']) });
export type PlaceReply = ReadonlyFields<z.infer<typeof PlaceReply>>;

export const CreateReply = z.object({
  /** The order as it was placed. */
  order: documentOf(Order, 'id'),
  /** It was placed before, under the same command id. */
  replayed: z.boolean(),
});
export type CreateReply = Readonly<z.infer<typeof CreateReply>>;

export const ListOrders = ReadPage.extend({
  market: Text.optional(),
  status: OrderStatus.optional(),
  /** Only orders that are at risk, or only those that are not. */
  atRisk: z.boolean().optional(),
});
export type ListOrders = ReadonlyFields<z.infer<typeof ListOrders>>;

/** Orders. */
export const OrderProtocol = protocol('order', {
  queue: 'orders',
  key: ({ order = 'any', market = 'any' }: OrderKey) => ({ market, actor: order }),
}, {
  place: message('Places an order of a basket that was checked out.', { body: PlaceOrder, reply: PlaceReply }),
  create: message('Places an order without a basket; its id follows from the id of the command.', { body: NewOrder, reply: CreateReply }),
  read: message('Reads the order.', { reply: documentOf(Order), repeatable: true }),
  list: message('Lists orders, latest first.', { body: ListOrders, reply: documentOf(OrderList), repeatable: true, takesTurns: true }),
  history: message('Reads how the order came to stand as it does.', { reply: documentOf(OrderHistory), repeatable: true }),
  cancel: message('Cancels the order and gives its stock back.', { reply: documentOf(Order) }),
  fulfil: message('Hands the goods of the order out.', { reply: documentOf(Order) }),
});

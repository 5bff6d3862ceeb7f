import { z } from 'zod';
import { ChargedAdjustment, ChargedLine, OrderPricing } from './basket-protocol.ts';
import { ReadPage } from './document-reply.ts';
import { Money } from './money.ts';
import { NewOrder, Order, OrderHistory, OrderList, OrderStatus } from './order.ts';
import type { ReadonlyFields } from './protocol/immutable.ts';
import { documentOf, message } from './protocol/message.ts';
import { protocol } from './protocol/protocol.ts';
import { Taxes } from './taxes.ts';
import { Text } from './text.ts';

/** The key of an order: its id, and its market when it is placed. A list has no order. */
export interface OrderKey {
  readonly order?: string;
  readonly market?: string;
}

/**
 * The body of `order.place`: a basket that was checked out, with its final prices. It is idempotent by the id of the order: a
 * repetition is answered with `already-placed`, and other lines under the same id are refused (`idempotency.mismatch`).
 */
export const PlaceOrder = z.object({
  /** The id of the basket. */
  basket: Text.exactOptional(),
  /** The version of the basket at which the opening began that the checkout ended. */
  opening: z.int().exactOptional(),
  lines: z.array(ChargedLine),
  /** Adjustments by rules for the whole basket. */
  adjustments: z.array(ChargedAdjustment),
  /** The total of the basket with its own adjustments. */
  total: Money,
  taxes: Taxes.optional(),
  /** Whether a rule failed when the basket was priced. */
  degraded: z.boolean().exactOptional(),
  /** The rules and the instant by which the basket was priced. */
  pricing: OrderPricing,
  /** Whether to deliver the available units of each line, and not all or nothing. */
  allowPartial: z.boolean().exactOptional(),
});
export type PlaceOrder = ReadonlyFields<z.infer<typeof PlaceOrder>>;

/** The answer to `order.place`, sent once the order is in the database. */
export const PlaceReply = z.object({ outcome: z.enum(['placed', 'already-placed']) });
export type PlaceReply = ReadonlyFields<z.infer<typeof PlaceReply>>;

/** The answer to `order.create`. */
export const CreateReply = z.object({
  /** The order as it was placed. */
  order: documentOf(Order, 'id'),
  /** Whether the order was placed earlier under the same command id. */
  replayed: z.boolean(),
});
export type CreateReply = Readonly<z.infer<typeof CreateReply>>;

/** The body of `order.list`. */
export const ListOrders = ReadPage.extend({
  market: Text.optional(),
  /** Only orders of these markets. */
  markets: z.array(Text).optional(),
  status: OrderStatus.optional(),
  /** Only orders that are at risk, or only those that are not. */
  atRisk: z.boolean().optional(),
});
export type ListOrders = ReadonlyFields<z.infer<typeof ListOrders>>;

/** The messages about orders. Any orders process answers. */
export const OrderProtocol = protocol('order', {
  queue: 'orders',
  key: ({ order = 'any', market = 'any' }: OrderKey) => ({ market, actor: order }),
}, {
  place: message('Places an order of a basket that was checked out.', { body: PlaceOrder, reply: PlaceReply }),
  create: message('Places an order without a basket. The id of the order is derived from the id of the command.', { body: NewOrder, reply: CreateReply }),
  read: message('Reads the order.', { reply: documentOf(Order), repeatable: true }),
  list: message('Lists orders, latest first.', { body: ListOrders, reply: documentOf(OrderList), repeatable: true, takesTurns: true }),
  history: message('Reads the history of the order.', { reply: documentOf(OrderHistory), repeatable: true }),
  cancel: message('Cancels the order and releases its stock.', { reply: documentOf(Order) }),
  fulfil: message('Marks the order as fulfilled, when its goods are handed out.', { reply: documentOf(Order) }),
});

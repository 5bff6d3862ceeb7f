import { z } from 'zod';
import { LIMITS, Sku, Units } from './basket.ts';
import { Instant } from './calendar.ts';
import { Identifier } from './identifier.ts';
import { listOf } from './list.ts';
import { Money } from './money.ts';
import { Text } from './text.ts';

/**
 * How an order stands: PENDING → RESERVED → CONFIRMED → FULFILLED; PENDING and RESERVED → REJECTED; PENDING, RESERVED
 * and CONFIRMED → CANCELLED.
 */
export const OrderStatus = z
  .enum(['PENDING', 'RESERVED', 'CONFIRMED', 'FULFILLED', 'REJECTED', 'CANCELLED'])
  .meta({ id: 'OrderStatus' });
export type OrderStatus = z.infer<typeof OrderStatus>;

/** Why an order is REJECTED. */
export const OrderReason = z
  .enum(['out_of_stock', 'expired', 'timeout'])
  .meta({ id: 'OrderReason', description: 'why it was rejected: no stock, its reservation ran out, or nobody answered in time' });
export type OrderReason = z.infer<typeof OrderReason>;

const Wanted = z.strictObject({ sku: Sku, quantity: Units.default(1) });

/** The body of `POST /orders`: products that are ordered without a basket. */
export const NewOrder = z
  .strictObject({
    market: Identifier,
    lines: listOf(Wanted, { least: 1, most: LIMITS.linesPerBasket }),
    allowPartial: z.boolean().default(false)
      .meta({ description: 'take what there is; without it, all or nothing' }),
  })
  .meta({ id: 'NewOrder' });
export type NewOrder = z.infer<typeof NewOrder>;

/** A product of an order at the price it was ordered at, which nothing changes any more. */
export const OrderLine = z
  .strictObject({ sku: Text, quantity: z.int(), unitPrice: Money, net: Money })
  .meta({ id: 'OrderLine' });
export type OrderLine = z.infer<typeof OrderLine>;

const HistoryEntry = z.strictObject({ at: Instant, status: OrderStatus, reason: OrderReason.optional() });

const OrderSummary = z
  .strictObject({
    id: Text,
    market: Text,
    basket: Text.optional().meta({ description: 'the basket that was checked out, if it was one' }),
    status: OrderStatus,
    reason: OrderReason.optional(),
    total: Money.meta({ description: 'what it costs; less than what was ordered where something is missing' }),
    createdAt: Instant,
  })
  .meta({ id: 'OrderSummary' });

/** An order as the gateway shows it. */
export const Order = OrderSummary.extend({
  lines: z.array(OrderLine),
  missing: z.array(z.strictObject({ sku: Text, quantity: z.int() })).optional()
    .meta({ description: 'what a partial order goes without' }),
  history: z.array(HistoryEntry),
}).meta({ id: 'Order' });
export type Order = z.infer<typeof Order>;

/** A page of orders, latest first; `next` is the cursor of the page after. */
export const OrderList = z
  .strictObject({ items: z.array(OrderSummary), next: Text.nullable() })
  .meta({ id: 'OrderList' });
export type OrderList = z.infer<typeof OrderList>;

/** How an order came to stand as it does, oldest first. */
export const OrderHistory = z.strictObject({ items: z.array(HistoryEntry) }).meta({ id: 'OrderHistory' });
export type OrderHistory = z.infer<typeof OrderHistory>;

import { z } from 'zod';
import { Adjustment, CanaryKey, LIMITS, Sku, Units } from './basket.ts';
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
    canaryKey: CanaryKey.optional(),
  })
  .meta({ id: 'NewOrder' });
export type NewOrder = z.infer<typeof NewOrder>;

/**
 * A product of an order at the price it was ordered at, which nothing changes any more. Amounts are those of the units
 * that are delivered: of all, until some are known to be missing.
 */
export const OrderLine = z
  .strictObject({
    sku: Text,
    name: Text,
    category: Text.optional(),
    quantity: z.int().meta({ description: 'units ordered' }),
    missing: z.int().optional().meta({ description: 'units of these that are not delivered' }),
    unitPrice: Money,
    gross: Money.meta({ description: 'unit price times the units delivered' }),
    adjustments: z.array(Adjustment).meta({ description: 'by the rules for this product' }),
    net: Money.meta({ description: 'gross plus the adjustments of the line' }),
    share: Money.meta({ description: 'the part of the order\'s own adjustments that falls on this line' }),
    total: Money.meta({ description: 'net plus share; the totals of all lines sum to the order\'s' }),
    degraded: z.boolean().optional().meta({ description: 'a rule failed on this line, which costs what it would without the rule' }),
  })
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
    total: Money.meta({ description: 'what it costs: the units that are delivered, by the rules of the instant of the order' }),
    degraded: z.boolean().optional().meta({ description: 'a rule failed when it was priced' }),
    atRisk: z.boolean().optional().meta({ description: 'units that it was promised have expired since, and good ones do not cover it; until it is fulfilled, ends, or they do' }),
    createdAt: Instant,
  })
  .meta({ id: 'OrderSummary' });

/** An order as the gateway shows it. */
export const Order = OrderSummary.extend({
  lines: z.array(OrderLine),
  adjustments: z.array(Adjustment).meta({ description: 'by the rules for the order as a whole' }),
  missing: z.array(z.strictObject({ sku: Text, quantity: z.int() })).optional()
    .meta({ description: 'units that there was no stock for: a partial order goes without them, a rejected one failed by them' }),
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

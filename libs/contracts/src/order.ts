import { z } from 'zod';
import { Adjustment, CanaryKey, LIMITS, ONE_PRODUCT, ProductNamed, Units, lineChoice, namesOneProduct } from './basket.ts';
import { Instant } from './calendar.ts';
import { Identifier } from './identifier.ts';
import { listOf } from './list.ts';
import { Money } from './money.ts';
import { Measured } from './product/unit.ts';
import { LineTax, Taxes } from './taxes.ts';
import { Text } from './text.ts';

/**
 * The status of an order. Transitions: PENDING → RESERVED → CONFIRMED → FULFILLED; PENDING and RESERVED → REJECTED; PENDING,
 * RESERVED and CONFIRMED → CANCELLED.
 */
export const OrderStatus = z
  .enum(['PENDING', 'RESERVED', 'CONFIRMED', 'FULFILLED', 'REJECTED', 'CANCELLED'])
  .meta({ id: 'OrderStatus' });
export type OrderStatus = z.infer<typeof OrderStatus>;

/** The reason of a rejection. */
export const OrderReason = z
  .enum(['out_of_stock', 'expired', 'timeout'])
  .meta({ id: 'OrderReason', description: 'the reason of a rejection: no stock, an expired reservation, or no answer in time' });
export type OrderReason = z.infer<typeof OrderReason>;

const RequestedLine = z.strictObject({ ...ProductNamed, quantity: Units.default(1) }).refine(namesOneProduct, { message: ONE_PRODUCT, path: ['sku'] });

/** The body of `POST /orders`: products that are ordered without a basket. */
export const NewOrder = z
  .strictObject({
    market: Identifier.meta({ description: 'the id of the market that sells and delivers' }),
    lines: listOf(RequestedLine, { least: 1, most: LIMITS.linesPerBasket }).meta({ description: 'the products to order' }),
    allowPartial: z.boolean().default(false)
      .meta({ description: 'whether to deliver the available units of each line; otherwise the order is delivered whole or rejected' }),
    canaryKey: CanaryKey.optional(),
  })
  .meta({ id: 'NewOrder' });
export type NewOrder = z.infer<typeof NewOrder>;

/**
 * A line of an order at its final price. Amounts are for the delivered units, which are all ordered units unless some are known to
 * be missing.
 */
export const OrderLine = z
  .strictObject({
    sku: Text,
    name: Text,
    category: Text.optional(),
    ...lineChoice(z.int().meta({ description: 'units ordered' })),
    ...Measured,
    missing: z.int().optional().meta({ description: 'ordered units that are not delivered' }),
    unitPrice: Money,
    gross: Money.meta({ description: 'unit price times the units delivered' }),
    adjustments: z.array(Adjustment).meta({ description: 'adjustments by rules for this product' }),
    net: Money.meta({ description: 'gross plus the adjustments of the line' }),
    share: Money.meta({ description: 'the share of this line in the adjustments of the whole order' }),
    tax: LineTax.optional().meta({ description: 'the tax on net plus share; absent in a market without taxes' }),
    total: Money.meta({ description: 'net plus share, and the tax where it comes on top; the sum over all lines is the total of the order' }),
    degraded: z.boolean().optional().meta({ description: 'true if a rule failed on this line; the price is the one without this rule' }),
  })
  .meta({ id: 'OrderLine' });
export type OrderLine = z.infer<typeof OrderLine>;

const HistoryEntry = z.strictObject({
  at: Instant, status: OrderStatus, reason: OrderReason.optional(),
  by: Text.optional().meta({ description: 'the principal who placed, cancelled or fulfilled the order; absent for a status that the system reached' }),
});

const OrderSummary = z
  .strictObject({
    id: Text,
    market: Text,
    basket: Text.optional().meta({ description: 'the basket that was checked out; absent for an order without a basket' }),
    status: OrderStatus,
    reason: OrderReason.optional(),
    total: Money.meta({ description: 'the price of the delivered units, by the rules in force when the order was placed' }),
    degraded: z.boolean().optional().meta({ description: 'true if a rule failed when the order was priced' }),
    atRisk: z.boolean().optional().meta({ description: 'true while promised units have expired and the good ones do not cover the order; false again once they do, or the order ends' }),
    createdAt: Instant,
  })
  .meta({ id: 'OrderSummary' });

/** An order as the gateway shows it. */
export const Order = OrderSummary.extend({
  lines: z.array(OrderLine),
  adjustments: z.array(Adjustment).meta({ description: 'adjustments by rules for the whole order' }),
  taxes: Taxes.optional(),
  opening: z.int().optional().meta({ description: 'the version of the basket at which the opening began that the checkout ended; absent for an order without a basket' }),
  missing: z.array(z.strictObject({ sku: Text, quantity: z.int() })).optional()
    .meta({ description: 'units that were out of stock: a partial order does not get them, and a rejected order was rejected because of them' }),
  history: z.array(HistoryEntry),
}).meta({ id: 'Order' });
export type Order = z.infer<typeof Order>;

/** A page of orders, latest first; `next` is the cursor of the next page. */
export const OrderList = z
  .strictObject({ items: z.array(OrderSummary), next: Text.nullable() })
  .meta({ id: 'OrderList' });
export type OrderList = z.infer<typeof OrderList>;

/** The statuses of an order, oldest first. */
export const OrderHistory = z.strictObject({ items: z.array(HistoryEntry) }).meta({ id: 'OrderHistory' });
export type OrderHistory = z.infer<typeof OrderHistory>;

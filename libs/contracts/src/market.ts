import { z } from 'zod';
import { Sku } from './basket.ts';
import { CalendarDate, Instant } from './calendar.ts';
import { Currency } from './currency.ts';
import { Identifier } from './identifier.ts';
import { GivenMoney, Money } from './money.ts';
import { DisplayText, Text } from './text.ts';

/** What one market, one product and one import may hold. */
export const MARKET_LIMITS = {
  unitsPerProduct: 1_000_000_000,
  productsPerMarket: 500_000,
  importLineBytes: 16 * 1_024,
  importBytes: 64 * 1_024 * 1_024,
  importLines: 500_000,
  /** Refused lines that are told one by one; of the rest the answer says how many. */
  importRefusalsTold: 1_000,
} as const;

const PRICE_MINOR_MAX = 100_000_000_000;

const Name = DisplayText.trim().max(200);
const Description = DisplayText.max(2_000);
const Price = GivenMoney.refine(({ amount }) => amount >= 0 && amount <= PRICE_MINOR_MAX, `0 to ${PRICE_MINOR_MAX} minor units`);
const Quantity = z.int().min(0).max(MARKET_LIMITS.unitsPerProduct);
const ExpiresOn = CalendarDate.meta({ description: 'the last day (UTC) on which it may leave the shop' });
const LotName = Identifier.meta({ description: 'units that came or expire together; named by its date unless told' });

/** How amounts are rounded. */
export const Rounding = z.enum(['half-up', 'half-even', 'down', 'up']).meta({ id: 'Rounding' });
export type Rounding = z.infer<typeof Rounding>;

/** The body of `PUT /markets/{m}`; what is left out is as it was, or the default of a new market. */
export const MarketEdit = z
  .strictObject({
    currency: Currency.optional(),
    rounding: Rounding.optional(),
    thresholds: z
      .strictObject({
        lowStock: z.int().min(0).max(MARKET_LIMITS.unitsPerProduct).optional()
          .meta({ description: 'available units at which a product is low' }),
        nearExpiryDays: z.int().min(0).max(365).optional()
          .meta({ description: 'days before its last one from which a lot is near it' }),
      })
      .optional(),
  })
  .meta({ id: 'MarketEdit' });
export type MarketEdit = z.infer<typeof MarketEdit>;

/** A market as the gateway shows it. `version` is its ETag. */
export const Market = z
  .strictObject({
    id: Text,
    currency: Text,
    rounding: Rounding,
    thresholds: z.strictObject({ lowStock: z.int(), nearExpiryDays: z.int() }),
    version: z.int(),
  })
  .meta({ id: 'Market' });
export type Market = z.infer<typeof Market>;

/** Every market, by id. */
export const MarketList = pageOf(Market).meta({ id: 'MarketList' });
export type MarketList = z.infer<typeof MarketList>;

/**
 * The body of `PUT …/products/{sku}`. What is left out stays as it is, and is nothing of a product that was not there; null
 * wipes it.
 */
export const ProductEdit = z
  .strictObject({
    name: Name,
    description: Description.nullable().optional(),
    category: Identifier.nullable().optional(),
    price: Price,
    quantity: Quantity.optional()
      .meta({ description: 'units on hand; a difference to what there is counts as an adjustment' }),
    expiresOn: ExpiresOn.nullable().optional(),
  })
  .meta({ id: 'ProductEdit' });
export type ProductEdit = z.infer<typeof ProductEdit>;

/** The body of `POST …/products`: without a SKU it gets one. */
export const NewProduct = ProductEdit.extend({ sku: Sku.optional() }).meta({ id: 'NewProduct' });
export type NewProduct = z.infer<typeof NewProduct>;

/** The body of `PATCH …/products/{sku}`: what is left out stays as it is. */
export const ProductChange = z
  .strictObject({
    name: Name.optional(),
    description: Description.nullable().optional(),
    category: Identifier.nullable().optional(),
    price: Price.optional(),
    quantity: Quantity.optional(),
    expiresOn: ExpiresOn.nullable().optional(),
  })
  .meta({ id: 'ProductChange' });
export type ProductChange = z.infer<typeof ProductChange>;

/** A product as the gateway shows it. `version` grows with each change of this document, and is its ETag. */
export const Product = z
  .strictObject({
    sku: Text,
    name: Text,
    description: Text.nullable(),
    category: Text.nullable(),
    price: Money,
    quantity: z.int().meta({ description: 'units on hand, those that are promised to orders included' }),
    expiresOn: CalendarDate.nullable().meta({ description: 'when the first of them expires' }),
    version: z.int(),
  })
  .meta({ id: 'Product' });
export type Product = z.infer<typeof Product>;

/** A page of products, by SKU. */
export const ProductList = pageOf(Product).meta({ id: 'ProductList' });
export type ProductList = z.infer<typeof ProductList>;

const Problems = z.array(z.strictObject({ path: Text, message: Text }));

/** A line of the answer to an import. The last one is `done` or `failed`. */
export const ImportProgress = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('rejected'), line: z.int(), code: Text, message: Text, errors: Problems.optional(),
      sku: Text.optional(),
    }),
    z.strictObject({
      type: z.enum(['progress', 'done']),
      lines: z.int(), created: z.int(), updated: z.int(), unchanged: z.int(), rejected: z.int(),
      untold: z.int().optional().meta({ description: 'so many of the rejected have no line of their own in the answer, since there were too many' }),
    }),
    z.strictObject({
      type: z.literal('failed'), code: Text, message: Text,
      lines: z.int().meta({ description: 'so many lines are done; the rest is, when the same body comes again under the same key' }),
    }),
  ])
  .meta({ id: 'ImportProgress' });
export type ImportProgress = z.infer<typeof ImportProgress>;

/** A page's items, and where the next one begins. */
function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({
    items: z.array(item),
    next: Text.nullable().meta({ description: 'the cursor of the next page; null on the last' }),
  });
}

/** The body of `POST …/stock/adjustments`. */
export const StockAdjustment = z
  .strictObject({
    delta: z.int().min(-MARKET_LIMITS.unitsPerProduct).max(MARKET_LIMITS.unitsPerProduct)
      .refine((delta) => delta !== 0, 'expected units that come (above 0) or go (below)'),
    reason: DisplayText.trim().max(500),
    kind: z.enum(['received', 'returned', 'adjusted', 'written_off']).optional()
      .meta({ description: 'received when units come in a lot or with a date, else adjusted, unless told' }),
    expectedQuantity: Quantity.optional().meta({ description: 'units on hand; with others there the answer is 409' }),
    lot: LotName.optional(),
    expiresOn: ExpiresOn.nullable().optional(),
  })
  .refine(({ delta, expiresOn }) => delta > 0 || expiresOn === undefined, { message: 'only for units that come', path: ['expiresOn'] })
  .refine(({ delta, kind }) => (kind !== 'received' && kind !== 'returned') || delta > 0, { message: 'expected units that come', path: ['delta'] })
  .refine(({ delta, kind }) => kind !== 'written_off' || delta < 0, { message: 'expected units that go', path: ['delta'] })
  .meta({ id: 'StockAdjustment' });
export type StockAdjustment = z.infer<typeof StockAdjustment>;

/** What there is of a product. */
export const Stock = z
  .strictObject({
    sku: Text,
    onHand: z.int(),
    reserved: z.int().meta({ description: 'promised to orders' }),
    available: z.int().meta({ description: 'may still be promised: on hand, not expired, not reserved' }),
    lots: z.array(z.strictObject({
      lot: Text, expiresOn: CalendarDate.nullable(), quantity: z.int(), expired: z.boolean(),
    })).meta({ description: 'in the order in which they leave' }),
    version: z.int(),
  })
  .meta({ id: 'Stock' });
export type Stock = z.infer<typeof Stock>;

/** A page of what came and went, oldest first. */
export const StockMovements = pageOf(
  z.strictObject({
    id: Text,
    sku: Text,
    kind: z.enum(['initial', 'received', 'returned', 'adjusted', 'fulfilled', 'written_off']),
    delta: z.int(),
    onHand: z.int().meta({ description: 'afterwards' }),
    lot: Text,
    reason: Text.nullable(),
    orderId: Text.nullable(),
    at: Instant,
  }).meta({ id: 'StockMovement' }),
).meta({ id: 'StockMovements' });
export type StockMovements = z.infer<typeof StockMovements>;

/** Products that are low, or have too few good units for what is promised; lots that are near their day or past it. */
export const StockAlerts = pageOf(
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('low_stock'), sku: Text, available: z.int(), threshold: z.int() }),
    z.strictObject({
      type: z.literal('promises_at_risk'), sku: Text,
      promised: z.int().meta({ description: 'units that orders were promised' }),
      good: z.int().meta({ description: 'units that have not expired: these do not cover it' }),
    }),
    z.strictObject({
      type: z.enum(['near_expiry', 'expired']), sku: Text, lot: Text, quantity: z.int(), expiresOn: CalendarDate,
    }),
  ]).meta({ id: 'StockAlert' }),
).meta({ id: 'StockAlerts' });
export type StockAlerts = z.infer<typeof StockAlerts>;

const StockLine = z.strictObject({ sku: Text, quantity: z.int() });

/** How an order stands with the stock of a market. */
export const StockStanding = z
  .enum(['reserved', 'committed', 'fulfilled', 'released', 'rejected'])
  .meta({ id: 'StockStanding' });
export type StockStanding = z.infer<typeof StockStanding>;

/** A page of what orders were given, by order. */
export const Reservations = pageOf(
  z.strictObject({
    orderId: Text,
    standing: StockStanding,
    reason: Text.nullable(),
    lines: z.array(StockLine),
    missing: z.array(StockLine),
    atRisk: z.array(Text).optional()
      .meta({ description: 'products of which units have expired since, and good ones do not cover this order' }),
    expiresAt: Instant,
  }).meta({ id: 'Reservation' }),
).meta({ id: 'Reservations' });
export type Reservations = z.infer<typeof Reservations>;

import { ROUNDINGS } from '@aisle/std';
import { z } from 'zod';
import { Sku } from './basket.ts';
import { CalendarDate, Instant } from './calendar.ts';
import { Currency } from './currency.ts';
import { Identifier } from './identifier.ts';
import { GivenMoney, Money } from './money.ts';
import { marketTermChanges, marketTerms } from './market-terms/market-terms.ts';
import { productFactChanges, productFacts } from './product/product-facts.ts';
import { Measured } from './product/unit.ts';
import { DisplayText, Text } from './text.ts';

/** Limits of one market, one product and one import. */
export const MARKET_LIMITS = {
  unitsPerProduct: 1_000_000_000,
  productsPerMarket: 500_000,
  importLineBytes: 16 * 1_024,
  importBytes: 64 * 1_024 * 1_024,
  importLines: 500_000,
  /** Refused lines that the answer lists one by one. Further ones are only counted. */
  importRefusalsListed: 1_000,
} as const;

const PRICE_MINOR_MAX = 100_000_000_000;

const Name = DisplayText.trim().max(200).meta({ description: 'the name that shoppers see' });
const Description = DisplayText.max(2_000).meta({ description: 'a text about the product' });
const Category = Identifier.meta({ description: 'the category; parts of a path are separated by slashes, such as food/dairy' });
const Price = GivenMoney.refine(({ amount }) => amount >= 0 && amount <= PRICE_MINOR_MAX, `must be 0 to ${PRICE_MINOR_MAX} minor units`)
  .meta({ description: 'the price of one unit, in the currency of the market' });
const Quantity = z.int().min(0).max(MARKET_LIMITS.unitsPerProduct);
const OnHand = Quantity.optional()
  .meta({ description: 'units on hand, or steps of the unit; a difference from the current number is recorded as an adjustment' });
const ExpiresOn = CalendarDate.meta({ description: 'the last day (UTC) on which the units may be sold' });
const LotName = Identifier.meta({ description: 'the lot: units that arrived or expire together; its expiry date unless given' });

/** The rounding of amounts. */
export const Rounding = z.enum(ROUNDINGS).meta({ id: 'Rounding', description: 'how fractions of a minor unit are rounded' });
export type Rounding = z.infer<typeof Rounding>;

/** The body of `PUT /markets/{m}`. Fields that are left out keep their values; in a new market they have the defaults. */
export const MarketEdit = z
  .strictObject({
    currency: Currency.optional(),
    rounding: Rounding.optional(),
    thresholds: z
      .strictObject({
        lowStock: z.int().min(0).max(MARKET_LIMITS.unitsPerProduct).optional()
          .meta({ description: 'the number of available units at which stock is low' }),
        nearExpiryDays: z.int().min(0).max(365).optional()
          .meta({ description: 'the number of days before its last day in which a lot is near its expiry' }),
      })
      .optional()
      .meta({ description: 'the bounds at which stock alerts begin' }),
    ...marketTermChanges,
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
    ...marketTerms,
    version: z.int(),
  })
  .meta({ id: 'Market' });
export type Market = z.infer<typeof Market>;

/** A page of markets, sorted by id. */
export const MarketList = pageOf(Market).meta({ id: 'MarketList' });
export type MarketList = z.infer<typeof MarketList>;

/**
 * The body of `PUT …/products/{sku}`. Fields that are left out keep their values; in a new product they are empty. Null clears a
 * field.
 */
export const ProductEdit = z
  .strictObject({
    name: Name,
    description: Description.nullable().optional(),
    category: Category.nullable().optional(),
    price: Price,
    quantity: OnHand,
    expiresOn: ExpiresOn.nullable().optional(),
    ...productFactChanges,
  })
  .meta({ id: 'ProductEdit' });
export type ProductEdit = z.infer<typeof ProductEdit>;

/** The body of `POST …/products`. A product without a SKU gets one. */
export const NewProduct = ProductEdit.extend({ sku: Sku.optional() }).meta({ id: 'NewProduct' });
export type NewProduct = z.infer<typeof NewProduct>;

/** The body of `PATCH …/products/{sku}`. Fields that are left out keep their values; null clears a field. */
export const ProductChange = z
  .strictObject({
    name: Name.optional(),
    description: Description.nullable().optional(),
    category: Category.nullable().optional(),
    price: Price.optional(),
    quantity: OnHand,
    expiresOn: ExpiresOn.nullable().optional(),
    ...productFactChanges,
  })
  .meta({ id: 'ProductChange' });
export type ProductChange = z.infer<typeof ProductChange>;

/** A product as the gateway shows it. `version` is its ETag and grows with each change of this document. */
export const Product = z
  .strictObject({
    sku: Text,
    name: Text,
    description: Text.nullable(),
    category: Text.nullable(),
    price: Money,
    quantity: z.int().meta({ description: 'units on hand, including those that are promised to orders' }),
    expiresOn: CalendarDate.nullable().meta({ description: 'the earliest expiry date of these units' }),
    ...productFacts,
    version: z.int(),
  })
  .meta({ id: 'Product' });
export type Product = z.infer<typeof Product>;

/** The product of a scanned code, with all that the code says about the scanned goods. */
export const ScannedProduct = z
  .strictObject({
    kind: z.enum(['gtin', 'plu', 'item']).meta({ description: 'gtin: also in a GS1 element string or Digital Link; item: a label of the shop' }),
    product: Product,
    quantity: z.int().optional().meta({ description: 'the quantity that the code says, in pieces or in steps of the unit' }),
    measure: Measured.measure,
    lot: Text.optional(),
    serial: Text.optional(),
    expiresOn: CalendarDate.optional(),
    bestBefore: CalendarDate.optional(),
    sellBy: CalendarDate.optional(),
  })
  .meta({ id: 'ScannedProduct' });
export type ScannedProduct = z.infer<typeof ScannedProduct>;

/** A page of products, sorted by SKU. */
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
      untold: z.int().optional().meta({ description: 'the number of rejected lines that the answer does not list, because there are too many' }),
    }),
    z.strictObject({
      type: z.literal('failed'), code: Text, message: Text,
      lines: z.int().meta({ description: 'the number of lines that are done; send the same body under the same key to import the rest' }),
    }),
  ])
  .meta({ id: 'ImportProgress' });
export type ImportProgress = z.infer<typeof ImportProgress>;

/** The schema of a page of items. */
function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({
    items: z.array(item),
    next: Text.nullable().meta({ description: 'the cursor of the next page; null on the last page' }),
  });
}

/** The body of `POST …/stock/adjustments`. */
export const StockAdjustment = z
  .strictObject({
    delta: z.int().min(-MARKET_LIMITS.unitsPerProduct).max(MARKET_LIMITS.unitsPerProduct)
      .refine((delta) => delta !== 0, 'must not be 0: it is above 0 for units that arrive, and below 0 for units that leave')
      .meta({ description: 'units that arrive (above 0) or leave (below 0), or steps of the unit' }),
    reason: DisplayText.trim().max(500).meta({ description: 'the reason, for the list of movements' }),
    kind: z.enum(['received', 'returned', 'adjusted', 'written_off']).optional()
      .meta({ description: 'unless given, it is received for units that arrive with a lot or a date, and otherwise adjusted' }),
    expectedQuantity: Quantity.optional().meta({ description: 'the expected units on hand; if there is another number, the answer is 409' }),
    lot: LotName.optional(),
    expiresOn: ExpiresOn.nullable().optional(),
  })
  .refine(({ delta, expiresOn }) => delta > 0 || expiresOn === undefined, { message: 'must be left out when units leave (delta below 0)', path: ['expiresOn'] })
  .refine(({ delta, kind }) => (kind !== 'received' && kind !== 'returned') || delta > 0, { message: 'must be above 0 for units that are received or returned', path: ['delta'] })
  .refine(({ delta, kind }) => kind !== 'written_off' || delta < 0, { message: 'must be below 0 for units that are written off', path: ['delta'] })
  .meta({ id: 'StockAdjustment' });
export type StockAdjustment = z.infer<typeof StockAdjustment>;

/** The stock of a product. */
export const Stock = z
  .strictObject({
    sku: Text,
    onHand: z.int(),
    unit: Measured.unit.meta({ description: 'all quantities count steps of this unit; pieces unless given' }),
    reserved: z.int().meta({ description: 'units that are promised to orders' }),
    available: z.int().meta({ description: 'units that may still be promised: on hand, not expired and not reserved' }),
    lots: z.array(z.strictObject({
      lot: Text, expiresOn: CalendarDate.nullable(), quantity: z.int(), expired: z.boolean(),
    })).meta({ description: 'the lots, in the order in which they are sold' }),
    version: z.int(),
  })
  .meta({ id: 'Stock' });
export type Stock = z.infer<typeof Stock>;

/** A page of stock movements, oldest first. */
export const StockMovements = pageOf(
  z.strictObject({
    id: Text,
    sku: Text,
    kind: z.enum(['initial', 'received', 'returned', 'adjusted', 'fulfilled', 'written_off']),
    delta: z.int(),
    onHand: z.int().meta({ description: 'units on hand after the movement' }),
    lot: Text,
    reason: Text.nullable(),
    orderId: Text.nullable(),
    at: Instant,
    by: Text.optional().meta({ description: 'the principal whose command moved the units; absent for movements by the system, such as an expiry' }),
  }).meta({ id: 'StockMovement' }),
).meta({ id: 'StockMovements' });
export type StockMovements = z.infer<typeof StockMovements>;

/** A page of alerts: products with low stock or too few good units for their promises, and lots that expire soon or have expired. */
export const StockAlerts = pageOf(
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('low_stock'), sku: Text, available: z.int(), threshold: z.int() }),
    z.strictObject({
      type: z.literal('promises_at_risk'), sku: Text,
      promised: z.int().meta({ description: 'units that are promised to orders' }),
      good: z.int().meta({ description: 'units that have not expired; they do not cover the promises' }),
    }),
    z.strictObject({
      type: z.enum(['near_expiry', 'expired']), sku: Text, lot: Text, quantity: z.int(), expiresOn: CalendarDate,
    }),
  ]).meta({ id: 'StockAlert' }),
).meta({ id: 'StockAlerts' });
export type StockAlerts = z.infer<typeof StockAlerts>;

const StockLine = z.strictObject({ sku: Text, quantity: z.int() });

/** The standing of an order with the stock of a market. */
export const StockStanding = z
  .enum(['reserved', 'committed', 'fulfilled', 'released', 'rejected'])
  .meta({ id: 'StockStanding' });
export type StockStanding = z.infer<typeof StockStanding>;

/** A page of the stock that is reserved for orders, sorted by order. */
export const Reservations = pageOf(
  z.strictObject({
    orderId: Text,
    standing: StockStanding,
    reason: Text.nullable(),
    lines: z.array(StockLine),
    missing: z.array(StockLine),
    atRisk: z.array(Text).optional()
      .meta({ description: 'products whose units have expired since, so that the good ones do not cover this order' }),
    expiresAt: Instant,
  }).meta({ id: 'Reservation' }),
).meta({ id: 'Reservations' });
export type Reservations = z.infer<typeof Reservations>;

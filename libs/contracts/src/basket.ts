import { z } from 'zod';
import { ScannedCode } from './barcode/scanned-code.ts';
import { Instant } from './calendar.ts';
import { Identifier } from './identifier.ts';
import { listOf } from './list.ts';
import { Money } from './money.ts';
import type { Whole } from './protocol/immutable.ts';
import { Measured, SCALE_MAX } from './product/unit.ts';
import { LineTax, Taxes } from './taxes.ts';
import { Text } from './text.ts';

/** Limits of one request and one basket. */
export const LIMITS = {
  /** Whole units. Of a product whose unit has steps, a request may have as many whole units in steps. */
  unitsPerRequest: 9_999,
  unitsPerLine: 99_999,
  linesPerBasket: 1_000,
  operationsPerBatch: 500,
} as const;

/** The id of a product in its market. */
export const Sku = Identifier.meta({ id: 'Sku', description: 'the id of the product in its market' });
/** Steps of the finest unit in one whole unit. */
const STEPS_PER_UNIT_MAX = 10 ** SCALE_MAX;
/**
 * The quantity in one request, in the steps of the product's unit. The schema allows the finest steps, since it does not know the product;
 * the server that prices it applies `LIMITS.unitsPerRequest`.
 */
export const Units = units(1, LIMITS.unitsPerRequest).meta({ description: 'units, or steps of the unit of the product' });
/** Added units: one unless given. */
const AddedUnits = Units.default(1);
const LineQuantity = units(0, LIMITS.unitsPerLine).meta({ description: 'the new quantity of the line, in units or in steps of the unit; 0 removes the line' });

/**
 * The fields that a shopper chooses for a line. A field added here becomes a field of every request and operation that names a
 * line, of the lines of a merge and of an order, of every document that shows a line, and of stored lines. `choiceOf` has the same
 * fields.
 */
export function lineChoice<Quantity extends z.ZodType>(quantity: Quantity) {
  return { quantity };
}
export type LineChoice = z.infer<typeof SetLine>;

/**
 * A product in a request: by its SKU, or by a scanned code of it. If the code says a quantity, the requested one counts how often it was
 * scanned.
 */
export const ProductNamed = { sku: Sku.optional(), code: ScannedCode.optional() };

/** Whether a request names one product in one way. */
export function namesOneProduct({ sku, code }: { readonly sku?: unknown; readonly code?: unknown }): boolean {
  return (sku === undefined) !== (code === undefined);
}
export const ONE_PRODUCT = 'must be given, unless `code` is; never both';

/** The body of `POST …/lines`: units of a product to add to the basket. */
export const AddItem = z.strictObject({ ...ProductNamed, ...lineChoice(AddedUnits) }).refine(namesOneProduct, { message: ONE_PRODUCT, path: ['sku'] }).meta({ id: 'AddItem' });
export type AddItem = z.infer<typeof AddItem>;

/** The body of `PUT …/lines/{sku}`: the new quantity of the line; 0 removes the line. */
export const SetLine = z.strictObject(lineChoice(LineQuantity)).meta({ id: 'SetLine' });
export type SetLine = z.infer<typeof SetLine>;

/** All that was chosen of a product. A field that may be absent is `undefined`. A quantity of 0 takes the line away. */
export type Choice = Whole<LineChoice>;

/** The choice alone, of a line or its document. */
export function choiceOf({ quantity }: LineChoice): Choice {
  return { quantity };
}

/** Choices other than the quantity. */
export type Extras = Partial<Omit<LineChoice, 'quantity'>>;

/** The extras that were chosen; undefined if there are none. */
export function extrasOf(line: LineChoice): Extras | undefined {
  const { quantity: _quantity, ...extras } = choiceOf(line);
  const chosen = Object.entries(extras).filter(([, value]) => value !== undefined);
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen) as Extras;
}

/** One change to a basket, as it is requested. */
const RequestedOperation = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('add').meta({ description: 'adds units of a product' }), ...ProductNamed, ...lineChoice(AddedUnits) }),
  z.strictObject({ op: z.literal('set').meta({ description: 'sets the quantity of a line' }), ...ProductNamed, ...lineChoice(LineQuantity) }),
  z.strictObject({ op: z.literal('remove').meta({ description: 'removes a line' }), ...ProductNamed }),
  z.strictObject({ op: z.literal('clear').meta({ description: 'removes every line' }) }),
]);
type RequestedOperation = z.infer<typeof RequestedOperation>;

type WithSku<T> = T extends { readonly op: 'clear' } ? T : Omit<T, 'sku' | 'code'> & { readonly sku: string };
/** One change to a basket, whose product is known by its SKU. */
export type Operation = WithSku<RequestedOperation>;

const ListedOperation = RequestedOperation
  .refine((operation) => operation.op === 'clear' || namesOneProduct(operation), { message: ONE_PRODUCT, path: ['sku'] })
  .meta({ id: 'Operation' });

/** The body of `POST …/commands`: operations that are applied in order, all or nothing, and priced once. */
export const Batch = listOf(ListedOperation, { least: 1, most: LIMITS.operationsPerBatch }).meta({ id: 'Batch' });
export type Batch = z.infer<typeof Batch>;

/** The same operations between processes. Their server finds the products of codes. */
export const Operations = listOf(RequestedOperation, { least: 1, most: LIMITS.operationsPerBatch });

export const MergeMode = z
  .enum(['sum', 'max', 'replace'])
  .meta({ id: 'MergeMode', description: 'sum adds the quantities, max takes the larger one, replace keeps only the lines of `from`' });
/** The rule by which the lines of two baskets are merged. */
export type MergeMode = z.infer<typeof MergeMode>;

/** The body of `POST …/merge`: the basket whose lines move to this one, and which is closed. */
export const MergeBasket = z.strictObject({ from: Identifier.meta({ description: 'the id of the basket whose lines move' }), mode: MergeMode }).meta({ id: 'MergeBasket' });
export type MergeBasket = z.infer<typeof MergeBasket>;

/** The key that decides whether a canary applies to a quote, basket or order. */
export const CanaryKey = Identifier.meta({
  id: 'CanaryKey',
  description: 'decides which canaries apply; the same key decides alike in quotes, baskets and orders. The key of a basket is its id. Without a key, no canary applies',
});

const QuoteItem = z.union([Sku, z.strictObject({ ...ProductNamed, ...lineChoice(AddedUnits) }).refine(namesOneProduct, { message: ONE_PRODUCT, path: ['sku'] })]);

const QuoteItems = listOf(QuoteItem, { most: LIMITS.linesPerBasket })
  .meta({ description: 'products to price: SKUs, or objects with a quantity; equal products are added up' });

/** The body of `POST …/quotes`. Items are SKUs such as `"GR1"`, objects `{sku, quantity}` or `{code, quantity}`, or both. */
export const QuoteRequest = z
  .strictObject({ items: QuoteItems, canaryKey: CanaryKey.optional() })
  .meta({ id: 'QuoteRequest' });
export type QuoteRequest = z.infer<typeof QuoteRequest>;

export const Adjustment = z
  .strictObject({
    code: Text,
    amount: Money,
    message: Text,
    strategy: Text,
    version: Text,
    sha256: Text.optional().meta({ description: 'the hash of the version that made the adjustment; only in orders' }),
  })
  .meta({ id: 'Adjustment', description: 'a rule that applied, and its amount; a negative amount makes the price lower' });
export type Adjustment = z.infer<typeof Adjustment>;

const Skipped = z
  .strictObject({
    code: Text,
    reason: Text,
    sku: Text.optional(),
    unitsNeeded: z.int().optional(),
    strategy: Text,
    version: Text,
  })
  .meta({ id: 'Skipped', description: 'a rule that did not apply, and the reason' });

const Line = z
  .strictObject({
    sku: Text,
    name: Text,
    ...lineChoice(z.int()),
    ...Measured,
    unitPrice: Money,
    gross: Money,
    adjustments: z.array(Adjustment),
    net: Money,
    tax: LineTax.optional().meta({ description: 'the tax on the net and the share of this line in adjustments of the whole; absent in a market without taxes' }),
    degraded: z.boolean().optional().meta({ description: 'true if a rule failed on this line; `skipped` names the rule' }),
  })
  .meta({ id: 'Line' });

/** A priced list of products that is not stored. */
export const Quote = z
  .strictObject({
    market: Text,
    lines: z.array(Line),
    adjustments: z.array(Adjustment),
    skipped: z.array(Skipped),
    total: Money.meta({ description: 'the sum to pay, with taxes' }),
    taxes: Taxes.optional(),
    degraded: z
      .boolean()
      .optional()
      .meta({ description: 'true if a rule failed on a line or on the whole; the price is the one without this rule, and the next change tries it again' }),
    updatedAt: Instant,
  })
  .meta({ id: 'Quote' });
export type Quote = z.infer<typeof Quote>;

const Notice = z
  .discriminatedUnion('code', [
    z.strictObject({ code: z.literal('priceChanged'), sku: Text, from: Money, to: Money }),
    z.strictObject({ code: z.literal('ruleChanged'), strategy: Text, from: Money, to: Money, message: Text }),
    z.strictObject({ code: z.literal('productUnavailable'), sku: Text }),
    z.strictObject({
      code: z.literal('orderReturned'),
      orderId: Text,
      reason: Text,
      missing: z.array(z.strictObject({ sku: Text, quantity: z.int() })),
      lost: z.array(z.strictObject({
        sku: Text, quantity: z.int(), reason: z.enum(['line_full', 'basket_full', 'product_unknown']),
      })),
    }),
  ])
  .meta({
    id: 'Notice',
    description: 'A notice is shown until the change after the one whose answer first had it. priceChanged: a unit price changed. '
      + 'ruleChanged: a rule began, ended, or comes to another amount for the same lines; the amounts are its total discount or '
      + 'surcharge, 0 if it does not apply. orderReturned: an order of this basket was rejected because the missing units were out of '
      + 'stock; its lines are back in the basket, except the lost ones. productUnavailable: the product is no longer sold; its line '
      + 'keeps its last price, cannot grow, and has to be removed before the checkout',
  });

/** A basket as the gateway shows it. `version` is its ETag and grows by one with each change. */
export const Basket = Quote.extend({
  id: Text,
  version: z.int(),
  notices: z.array(Notice).meta({ description: 'changes of prices and products to show to the shopper' }),
  mergingInto: Text.optional()
    .meta({ description: 'the basket into which this one is being merged; until the merge ends, nothing can be changed' }),
}).meta({ id: 'Basket' });
export type Basket = z.infer<typeof Basket>;

const JournalEntry = z
  .strictObject({
    version: z.int(),
    commandId: Text,
    type: z.enum([
      'changed', 'repriced', 'absorbed', 'declined', 'sealed', 'unsealed', 'merged', 'expired', 'checkedOut', 'restored',
    ]).meta({
      description: 'repriced: a read found changed prices. A merge is sealed, and then merged or unsealed, in the closing basket; it is '
        + 'absorbed or declined in the other one. expired and checkedOut empty the basket. restored: the lines of a rejected order returned',
    }),
    by: Text.optional().meta({ description: 'the principal whose command it was; absent for changes by the system, such as an expiry' }),
    other: Text.optional().meta({ description: 'the other basket of a merge' }),
    orderId: Text.optional().meta({ description: 'the order of a checkout, which has these lines and prices, or the rejected order of a restore' }),
    at: Instant,
    lines: z.array(z.strictObject({ sku: Text, ...lineChoice(z.int()), ...Measured, unitPrice: Money, net: Money })),
    removed: z.array(Text),
    total: Money,
  })
  .meta({ id: 'JournalEntry', description: 'one accepted command, with the lines that it changed' });

/** A page of a basket's history, oldest first. */
export const BasketJournal = z
  .strictObject({
    items: z.array(JournalEntry),
    next: Text.nullable().meta({ description: 'the cursor of the next page; null on the last page' }),
  })
  .meta({ id: 'BasketJournal' });
export type BasketJournal = z.infer<typeof BasketJournal>;

function units(least: number, mostUnits: number): z.ZodInt {
  const wanted = `must be a whole number from ${least} to ${mostUnits}, or a number of steps if the product has a unit`;
  return z.int(wanted).min(least, wanted).max(mostUnits * STEPS_PER_UNIT_MAX, wanted);
}

import { z } from 'zod';
import { Instant } from './calendar.ts';
import { Identifier } from './identifier.ts';
import { listOf } from './list.ts';
import { Money } from './money.ts';
import { Text } from './text.ts';

/** What one request and one basket may hold. */
export const LIMITS = {
  unitsPerRequest: 9_999,
  unitsPerLine: 99_999,
  linesPerBasket: 1_000,
  operationsPerBatch: 500,
} as const;

/** A product's id in a market. */
export const Sku = Identifier.meta({ id: 'Sku', description: 'the product, as the market names it' });
/** How many units one request may ask for. */
export const Units = wholeNumber(1, LIMITS.unitsPerRequest);
const LineQuantity = wholeNumber(0, LIMITS.unitsPerLine);

/**
 * What a shopper chooses of a product. Another field here is a field of every request and operation that names a line, of the
 * lines of a merge, and of every document that shows a line.
 */
export function lineChoice<Quantity extends z.ZodType>(quantity: Quantity) {
  return { quantity };
}
export type LineChoice = z.infer<typeof SetLine>;

/** The body of `POST …/lines`: units to add to what the basket holds of the product. */
export const AddItem = z.strictObject({ sku: Sku, ...lineChoice(Units.default(1)) }).meta({ id: 'AddItem' });
export type AddItem = z.infer<typeof AddItem>;

/** The body of `PUT …/lines/{sku}`: the line's quantity from now on; 0 takes the line away. */
export const SetLine = z.strictObject(lineChoice(LineQuantity)).meta({ id: 'SetLine' });
export type SetLine = z.infer<typeof SetLine>;

/** One change to a basket. */
export const Operation = z
  .discriminatedUnion('op', [
    z.strictObject({ op: z.literal('add'), sku: Sku, ...lineChoice(Units.default(1)) }),
    z.strictObject({ op: z.literal('set'), sku: Sku, ...lineChoice(LineQuantity) }),
    z.strictObject({ op: z.literal('remove'), sku: Sku }),
    z.strictObject({ op: z.literal('clear') }),
  ])
  .meta({ id: 'Operation' });
export type Operation = z.infer<typeof Operation>;

/** The body of `POST …/commands`: applied in order, all or nothing, priced once. */
export const Batch = listOf(Operation, { least: 1, most: LIMITS.operationsPerBatch }).meta({ id: 'Batch' });
export type Batch = z.infer<typeof Batch>;

export const MergeMode = z
  .enum(['sum', 'max', 'replace'])
  .meta({ id: 'MergeMode', description: 'quantities added up, the larger of both, or the lines of `from` alone' });
/** How the lines of two baskets become those of one. */
export type MergeMode = z.infer<typeof MergeMode>;

/** The body of `POST …/merge`: the basket whose lines go into this one, and is closed by it. */
export const MergeBasket = z.strictObject({ from: Identifier, mode: MergeMode }).meta({ id: 'MergeBasket' });
export type MergeBasket = z.infer<typeof MergeBasket>;

/** Decides on which side of a canary somebody is. */
export const CanaryKey = Identifier.meta({
  id: 'CanaryKey',
  description: 'the same key is on the same side of every canary, in quotes, baskets and orders; a basket\'s is its id. Without one, no canary applies',
});

const QuoteItem = z.union([Sku, z.strictObject({ sku: Sku, ...lineChoice(Units.default(1)) })]);

/** The body of `POST …/quotes`: `["GR1", "SR1"]` or `[{sku, quantity}]`, also mixed. */
export const QuoteRequest = z
  .strictObject({ items: listOf(QuoteItem, { most: LIMITS.linesPerBasket }), canaryKey: CanaryKey.optional() })
  .meta({ id: 'QuoteRequest' });
export type QuoteRequest = z.infer<typeof QuoteRequest>;

export const Adjustment = z
  .strictObject({
    code: Text,
    amount: Money,
    message: Text,
    strategy: Text,
    version: Text,
    sha256: Text.optional().meta({ description: 'of the version that charged it; orders say it' }),
  })
  .meta({ id: 'Adjustment', description: 'a rule that applied; a negative amount is cheaper' });
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
  .meta({ id: 'Skipped', description: 'a rule that did not apply, and why' });

const Line = z
  .strictObject({
    sku: Text,
    name: Text,
    ...lineChoice(z.int()),
    unitPrice: Money,
    gross: Money,
    adjustments: z.array(Adjustment),
    net: Money,
    degraded: z.boolean().optional().meta({ description: 'a rule failed on it: `skipped` says which' }),
  })
  .meta({ id: 'Line' });

/** A priced list of products that nobody keeps. */
export const Quote = z
  .strictObject({
    market: Text,
    lines: z.array(Line),
    adjustments: z.array(Adjustment),
    skipped: z.array(Skipped),
    total: Money,
    degraded: z
      .boolean()
      .optional()
      .meta({ description: 'a rule failed on a line or on the whole, which costs what it would without it; the next change tries again' }),
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
    description: 'A notice stands until the change after the one that first answered with it. priceChanged: a unit price changed. '
      + 'ruleChanged: a rule began or ended, or comes to another amount over the same lines; the amounts are all that it takes off '
      + '(or adds), 0 where it does not apply. orderReturned: an order of this basket was rejected for lack of the missing units, '
      + 'and its lines are here again, but for the lost ones. productUnavailable: the product is no longer sold; its line keeps its '
      + 'last price, may become smaller but not larger, and has to be taken out before the basket can be checked out',
  });

/** A basket as the gateway shows it. `version` grows by one with each change, and is its ETag. */
export const Basket = Quote.extend({
  id: Text,
  version: z.int(),
  notices: z.array(Notice).meta({ description: 'what the shopper ought to be told of prices and products' }),
  mergingInto: Text.optional()
   
    .meta({ description: 'the basket that this one is just merging into; until it is done nothing can be changed' }),
}).meta({ id: 'Basket' });
export type Basket = z.infer<typeof Basket>;

const JournalEntry = z
  .strictObject({
    version: z.int(),
    commandId: Text,
    type: z.enum([
      'changed', 'repriced', 'absorbed', 'declined', 'sealed', 'unsealed', 'merged', 'expired', 'checkedOut', 'restored',
    ]).meta({
      description: 'repriced: somebody looked at the basket and its prices had changed; a merge is sealed, then merged or unsealed, on the one side, absorbed or declined on the other; '
        + 'a basket that is expired or checkedOut is empty from then on; '
        + 'restored: the lines of a rejected order came back',
    }),
    other: Text.optional().meta({ description: 'the other basket of a merge' }),
    orderId: Text.optional().meta({ description: 'the order that a checkout made of the lines, at these prices, or that was rejected' }),
    at: Instant,
    lines: z.array(z.strictObject({ sku: Text, ...lineChoice(z.int()), unitPrice: Money, net: Money })),
    removed: z.array(Text),
    total: Money,
  })
  .meta({ id: 'JournalEntry', description: 'one accepted command: the lines that it changed' });

/** A page of a basket's history, oldest first. */
export const BasketJournal = z
  .strictObject({
    items: z.array(JournalEntry),
    next: Text.nullable().meta({ description: 'the cursor of the next page; null on the last' }),
  })
  .meta({ id: 'BasketJournal' });
export type BasketJournal = z.infer<typeof BasketJournal>;

function wholeNumber(least: number, most: number): z.ZodInt {
  const wanted = `must be a whole number from ${least} to ${most}`;
  return z.int(wanted).min(least, wanted).max(most, wanted);
}

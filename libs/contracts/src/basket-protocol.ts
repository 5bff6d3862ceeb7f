import { z } from 'zod';
import { Adjustment, MergeMode, Operations, ProductNamed, QuoteRequest, lineChoice } from './basket.ts';
import { Instant } from './calendar.ts';
import { DocumentReply, FailureFactsSchema, StockLine } from './document-reply.ts';
import { Rounding } from './market.ts';
import { Money } from './money.ts';
import { OrderLine, OrderReason } from './order.ts';
import { Precondition } from './precondition.ts';
import { TaxTerms } from './market-terms/tax-terms.ts';
import { productFacts } from './product/product-facts.ts';
import type { ReadonlyFields } from './protocol/immutable.ts';
import { message } from './protocol/message.ts';
import { protocol } from './protocol/protocol.ts';
import { Taxes } from './taxes.ts';
import { Text } from './text.ts';

/** The key of a basket: its market and its id there. */
export interface BasketKey {
  readonly market: string;
  readonly basket: string;
}

/** The conditions of a command to a basket. */
export const BasketCondition = Precondition.extend({
  /**
   * The opening of the basket to which the sender is restricted: the version at which it began, by a checkout or an expiry; 0 for the
   * first one.
   */
  opening: z.int().min(0).optional(),
});
export type BasketCondition = ReadonlyFields<z.infer<typeof BasketCondition>>;

/** The body of `basket.visit`, and the answer to `basket.opening`. */
export const BasketOpening = z.object({ opening: z.int().min(0) });
export type BasketOpening = ReadonlyFields<z.infer<typeof BasketOpening>>;

/** The body of `basket.change`. Every write to a basket is a batch of operations. */
export const ChangeBasket = BasketCondition.extend({
  operations: Operations,
  /** Leaves the document out of the answer, unless the basket is new: `json` is empty. A repetition may ask otherwise. */
  minimal: z.boolean().optional(),
});
export type ChangeBasket = ReadonlyFields<z.infer<typeof ChangeBasket>>;

/** The body of `basket.merge`, which the closing basket receives. The answer and the precondition are those of the basket `into`. */
export const MergeIntoBasket = Precondition.extend({
  /** The id of the basket that receives the lines, in the same market. */
  into: Text,
  mode: MergeMode,
});
export type MergeIntoBasket = ReadonlyFields<z.infer<typeof MergeIntoBasket>>;

const ChosenLine = z.object({ sku: Text, ...lineChoice(z.int().min(0)) });

/** The body of `basket.absorb`, which one basket-server sends to the basket that receives the lines. */
export const AbsorbBasket = Precondition.extend({
  from: Text, mode: MergeMode, lines: z.array(ChosenLine),
});
export type AbsorbBasket = ReadonlyFields<z.infer<typeof AbsorbBasket>>;

/** The answer to `basket.absorb`. */
export const AbsorbReply = DocumentReply.extend({
  /** The reason why the lines were refused. The refusal is recorded and final for this command id. */
  declined: FailureFactsSchema.optional(),
});
export type AbsorbReply = ReadonlyFields<z.infer<typeof AbsorbReply>>;

/** The body of `basket.checkout`. */
export const CheckOutBasket = BasketCondition.extend({
  /** The total that the shopper saw. */
  total: Money.optional(),
});
export type CheckOutBasket = ReadonlyFields<z.infer<typeof CheckOutBasket>>;

/**
 * The answer to `basket.checkout`, sent once the order is in the database. `json` is the document of `CheckedOut`; `version` is
 * that of the basket, which is empty by now.
 */
export const CheckoutReply = DocumentReply.extend({ orderId: Text });
export type CheckoutReply = ReadonlyFields<z.infer<typeof CheckoutReply>>;

/** The body of `basket.journal`. */
export const ReadJournal = z.object({
  /** The answer has entries of versions after this one. */
  afterVersion: z.int().min(0),
  limit: z.int().min(1).max(1_000),
});
export type ReadJournal = ReadonlyFields<z.infer<typeof ReadJournal>>;

/** The body of `basket.restore`: the lines of a rejected order, which return to the basket at current prices. */
export const RestoreBasket = z.object({
  orderId: Text,
  reason: OrderReason,
  lines: z.array(ChosenLine),
  /** Units of these lines for which there was no stock. */
  missing: z.array(StockLine),
});
export type RestoreBasket = ReadonlyFields<z.infer<typeof RestoreBasket>>;

/** The messages to a basket, which lives on the server that owns its shard. */
export const BasketProtocol = protocol('basket', {
  sharded: 'basket',
  key: ({ market, basket }: BasketKey) => ({ market, actor: basket }),
}, {
  open: message('Creates the basket if it does not exist.', { body: BasketCondition, reply: DocumentReply }),
  read: message('Reads the basket.', { reply: DocumentReply, repeatable: true }),
  opening: message('Reads the version at which the present opening of the basket began, also before the basket exists.', { reply: BasketOpening, repeatable: true }),
  visit: message('Reads the basket for a sender who is restricted to one opening of it.', { body: BasketOpening, reply: DocumentReply, repeatable: true }),
  change: message('Applies operations to the basket, all or nothing.', { body: ChangeBasket, reply: DocumentReply }),
  journal: message('Reads a page of the history of the basket.', {
    body: ReadJournal, reply: DocumentReply, repeatable: true, takesTurns: true,
  }),
  merge: message('Merges the basket into another one, and closes it.', { body: MergeIntoBasket, reply: DocumentReply }),
  absorb: message('Adds the lines of a basket that is being merged.', { body: AbsorbBasket, reply: AbsorbReply }),
  checkout: message('Places an order of all lines, and empties the basket.', { body: CheckOutBasket, reply: CheckoutReply }),
  restore: message(
    'Puts the lines of a rejected order back. Idempotent by order; the command id is `restore/{orderId}`. A basket that was '
    + 'merged refuses with `basket.merged`, whose detail `into` names the basket to use instead.',
    { body: RestoreBasket, reply: DocumentReply },
  ),
});

/** The instant and the rules by which an order was priced, so that it can be priced again. */
export const OrderPricing = z.object({
  at: Instant,
  /** The revision of the rules in force. */
  rules: z.int(),
  /** The rounding of the market; `half-up` unless given. */
  rounding: Rounding.optional(),
  /** The time zone of the market; UTC unless given. */
  timeZone: Text.optional(),
  /** The taxes, with the rates of the order's day alone. */
  tax: TaxTerms.optional(),
  /** The key that decided which canaries applied. */
  canaryKey: Text.optional(),
});
export type OrderPricing = ReadonlyFields<z.infer<typeof OrderPricing>>;

/** A product with the price by which an order was priced. */
export const PricedProduct = z.object({
  sku: Text, name: Text, category: Text.exactOptional(), unitPriceMinor: z.int(), unit: productFacts.unit, taxCategory: productFacts.taxCategory,
});
export type PricedProduct = ReadonlyFields<z.infer<typeof PricedProduct>>;

/** The body of `basket.price`: products of the market in the header that are to be ordered, or a part of an earlier order. */
export const PriceOrder = z.object({
  /** At most one line per product. `largest` is the largest quantity that was requested at once, if the server has to check it. */
  lines: z.array(z.object({ ...ProductNamed, quantity: z.int().min(0), largest: z.int().optional() })),
  /** The canary key, for current prices and rules. */
  canaryKey: Text.optional(),
  /** Earlier prices and rules to use instead. Each product of `lines` has to be among `products`. */
  asOf: z.object({ pricing: OrderPricing, products: z.array(PricedProduct) }).optional(),
});
export type PriceOrder = ReadonlyFields<z.infer<typeof PriceOrder>>;

/** An adjustment with the texts of the rule unchecked, because a rule may write characters that no other text may have. */
export const ChargedAdjustment = Adjustment.extend({ code: z.string(), message: z.string() });
/** A line of an order with unchecked adjustments. */
export const ChargedLine = OrderLine.extend({ adjustments: z.array(ChargedAdjustment) });

/** The answer to `basket.price`. The total is the sum of the totals of the lines. */
export const PricedOrder = z.object({
  lines: z.array(ChargedLine),
  adjustments: z.array(ChargedAdjustment),
  total: Money,
  taxes: Taxes.optional(),
  degraded: z.boolean().exactOptional(),
  pricing: OrderPricing,
});
export type PricedOrder = ReadonlyFields<z.infer<typeof PricedOrder>>;

/** The key of a request for prices. Any basket-server answers; the text `spread` decides which one does. */
export interface PricesKey {
  readonly market: string;
  readonly spread: string;
}

/** Requests for prices without a basket. */
export const PricesProtocol = protocol('basket', {
  sharded: 'basket',
  key: ({ market, spread }: PricesKey) => ({ market, actor: spread }),
}, {
  quote: message('Prices products without a basket.', {
    body: QuoteRequest, reply: DocumentReply, repeatable: true, anyone: true,
  }),
  price: message('Prices an order without a basket, or the delivered part of an order.', {
    body: PriceOrder, reply: PricedOrder, repeatable: true, anyone: true,
  }),
});

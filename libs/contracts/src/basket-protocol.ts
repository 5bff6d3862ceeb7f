import { z } from 'zod';
import { Adjustment, Batch, MergeMode, QuoteRequest, lineChoice } from './basket.ts';
import { Instant } from './calendar.ts';
import { DocumentReply, FailureFactsSchema, StockLine } from './document-reply.ts';
import { Rounding } from './market.ts';
import { Money } from './money.ts';
import { OrderLine, OrderReason } from './order.ts';
import { Precondition } from './precondition.ts';
import type { ReadonlyFields } from './protocol/immutable.ts';
import { message } from './protocol/message.ts';
import { protocol } from './protocol/protocol.ts';
import { Text } from './text.ts';

/** A basket in its market. */
export interface BasketKey {
  readonly market: string;
  readonly basket: string;
}

/** Every write to a basket is a batch of operations. */
export const ChangeBasket = Precondition.extend({ operations: Batch });
export type ChangeBasket = ReadonlyFields<z.infer<typeof ChangeBasket>>;

/** To the basket that is merged; the answer is the other one's document. The precondition is of `into`. */
export const MergeIntoBasket = Precondition.extend({
  /** The id of the basket that takes the lines, in the same market. */
  into: Text,
  mode: MergeMode,
});
export type MergeIntoBasket = ReadonlyFields<z.infer<typeof MergeIntoBasket>>;

/** From one basket-server to the basket that takes the lines. */
export const AbsorbBasket = Precondition.extend({
  from: Text, mode: MergeMode, lines: z.array(z.object({ sku: Text, ...lineChoice(z.int().min(0)) })),
});
export type AbsorbBasket = ReadonlyFields<z.infer<typeof AbsorbBasket>>;

export const AbsorbReply = DocumentReply.extend({
  /** Why nothing was taken. It is recorded: under this command id nothing ever will be. */
  declined: FailureFactsSchema.optional(),
});
export type AbsorbReply = ReadonlyFields<z.infer<typeof AbsorbReply>>;

export const CheckOutBasket = Precondition.extend({
  /** The total that the shopper was told. */
  total: Money.optional(),
});
export type CheckOutBasket = ReadonlyFields<z.infer<typeof CheckOutBasket>>;

/** Given once the order is in the database: `json` is the document of `CheckedOut`, `version` that of the basket, empty by now. */
export const CheckoutReply = DocumentReply.extend({ orderId: Text });
export type CheckoutReply = ReadonlyFields<z.infer<typeof CheckoutReply>>;

export const ReadJournal = z.object({
  /** Entries of later versions than this one. */
  afterVersion: z.int().min(0),
  limit: z.int().min(1).max(1_000),
});
export type ReadJournal = ReadonlyFields<z.infer<typeof ReadJournal>>;

/** An order of the basket was rejected, and its lines come back at the prices of now. */
export const RestoreBasket = z.object({
  orderId: Text,
  reason: OrderReason,
  lines: z.array(StockLine),
  /** Units of these that there was no stock for. */
  missing: z.array(StockLine),
});
export type RestoreBasket = ReadonlyFields<z.infer<typeof RestoreBasket>>;

/** Baskets. A basket lives on the server that owns its shard. */
export const BasketProtocol = protocol('basket', {
  sharded: 'basket',
  key: ({ market, basket }: BasketKey) => ({ market, actor: basket }),
}, {
  open: message('Makes the basket when there is none.', { body: Precondition, reply: DocumentReply }),
  read: message('Reads the basket.', { reply: DocumentReply, repeatable: true }),
  change: message('Applies operations to the basket, all or nothing.', { body: ChangeBasket, reply: DocumentReply }),
  journal: message('Reads a page of the history of the basket.', {
    body: ReadJournal, reply: DocumentReply, repeatable: true, takesTurns: true,
  }),
  merge: message('Merges the basket into another one, and closes it.', { body: MergeIntoBasket, reply: DocumentReply }),
  absorb: message('Takes the lines of a basket that is being merged.', { body: AbsorbBasket, reply: AbsorbReply }),
  checkout: message('Makes an order of all lines.', { body: CheckOutBasket, reply: CheckoutReply }),
  restore: message(
    'Takes back the lines of a rejected order. Idempotent by the order under the command id `restore/{orderId}`. A basket that was '
    + 'merged refuses with `basket.merged`, whose detail `into` names the basket to ask instead.',
    { body: RestoreBasket, reply: DocumentReply },
  ),
});

/** The instant and the rules by which an order was priced; by them it can be priced again. */
export const OrderPricing = z.object({
  at: Instant,
  /** The revision of the rules. */
  rules: z.int(),
  /** How the market rounded; `half-up` where it is not told. */
  rounding: Rounding.optional(),
  /** By which it was on its side of each canary. */
  canaryKey: Text.optional(),
});
export type OrderPricing = ReadonlyFields<z.infer<typeof OrderPricing>>;

/** A product as an order was priced with it. */
export const PricedProduct = z.object({ sku: Text, name: Text, category: Text.exactOptional(), unitPriceMinor: z.int() });
export type PricedProduct = ReadonlyFields<z.infer<typeof PricedProduct>>;

/** Products of the market in the header, to be ordered, or some of what was. */
export const PriceOrder = z.object({
  /** At most one of each product. */
  lines: z.array(StockLine),
  /** At the prices and by the rules of now. */
  canaryKey: Text.optional(),
  /** Instead at the prices and by the rules of then; each product of `lines` is among these. */
  asOf: z.object({ pricing: OrderPricing, products: z.array(PricedProduct) }).optional(),
});
export type PriceOrder = ReadonlyFields<z.infer<typeof PriceOrder>>;

/** An adjustment with the words of the rule as they came: a rule may write what no other text may hold. */
export const ChargedAdjustment = Adjustment.extend({ code: z.string(), message: z.string() });
/** A line of an order with such adjustments. */
export const ChargedLine = OrderLine.extend({ adjustments: z.array(ChargedAdjustment) });

/** The totals of the lines sum to the total. */
export const PricedOrder = z.object({
  lines: z.array(ChargedLine),
  adjustments: z.array(ChargedAdjustment),
  total: Money,
  degraded: z.boolean().exactOptional(),
  pricing: OrderPricing,
});
export type PricedOrder = ReadonlyFields<z.infer<typeof PricedOrder>>;

/** Prices of a market. Any basket-server tells the same; requests are spread over them by a text of the caller's. */
export interface PricesKey {
  readonly market: string;
  readonly spread: string;
}

export const PricesProtocol = protocol('basket', {
  sharded: 'basket',
  key: ({ market, spread }: PricesKey) => ({ market, actor: spread }),
}, {
  quote: message('Prices products of which nobody keeps a basket.', {
    body: QuoteRequest, reply: DocumentReply, repeatable: true, anyone: true,
  }),
  price: message('Prices an order without a basket, or what is delivered of an order.', {
    body: PriceOrder, reply: PricedOrder, repeatable: true, anyone: true,
  }),
});

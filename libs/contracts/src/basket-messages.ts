import type { FailureFacts } from '@aisle/std';
import type { Adjustment, Batch, MergeMode, QuoteRequest } from './basket.ts';
import type { Rounding } from './market.ts';
import type { Money } from './money.ts';
import type { OrderLine, OrderReason } from './order.ts';
import type { Precondition } from './precondition.ts';

/** The message types that basket-server answers; each goes to the shard of its header's key. */
export const BASKET_MESSAGES = {
  open: 'basket.open',
  read: 'basket.read',
  change: 'basket.change',
  journal: 'basket.journal',
  quote: 'basket.quote',
  merge: 'basket.merge',
  absorb: 'basket.absorb',
  checkout: 'basket.checkout',
  restore: 'basket.restore',
  /** Of no basket: an order without one, or what is delivered of an order. Any server answers it. */
  price: 'basket.price',
} as const;

/** What `basket.open` carries. */
export type OpenBasket = Precondition;

/** What `basket.change` carries: every write to a basket is a batch of operations. */
export interface ChangeBasket extends Precondition {
  readonly operations: Batch;
}

/** What `basket.merge` carries to the basket that is merged; the answer is the other one's document. The precondition is of `into`. */
export interface MergeIntoBasket extends Precondition {
  /** The id of the basket that takes the lines, in the same market. */
  readonly into: string;
  readonly mode: MergeMode;
}

/** What `basket.absorb` carries from one basket-server to the basket that takes the lines. */
export interface AbsorbBasket extends Precondition {
  readonly from: string;
  readonly mode: MergeMode;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

/** The answer to `basket.absorb`. */
export interface AbsorbReply extends BasketReply {
  /** Why nothing was taken. It is recorded: under this command id nothing ever will be. */
  readonly declined?: FailureFacts;
}

/** What `basket.checkout` carries. */
export interface CheckOutBasket extends Precondition {
  /** The total that the shopper was told. */
  readonly total?: Money;
}

/**
 * The answer to `basket.checkout`, given once the order is in the database: `json` is the document of `CheckedOut`,
 * `version` that of the basket, which is empty by now.
 */
export interface CheckoutReply extends BasketReply {
  readonly orderId: string;
}

/** What `basket.journal` carries. */
export interface ReadJournal {
  /** Entries of later versions than this one. */
  readonly afterVersion: number;
  readonly limit: number;
}

/** What `basket.quote` carries. */
export type QuoteItems = QuoteRequest;

/**
 * What comes back for a basket or a quote. `json` is the document of `Basket` or `Quote` as text,
 * made once where the basket is, so that no process on the way parses it.
 */
export interface BasketReply {
  readonly json: string;
  readonly version: number;
  /** This command made the basket. */
  readonly created?: boolean;
  /** The command was applied before, and this is its answer again. */
  readonly replayed?: boolean;
}

/** The instant and the rules by which an order was priced; by them it can be priced again. */
export interface OrderPricing {
  /** ISO 8601. */
  readonly at: string;
  /** The revision of the rules. */
  readonly rules: number;
  /** How the market rounded; `half-up` where it is not told. */
  readonly rounding?: Rounding;
  /** By which it was on its side of each canary. */
  readonly canaryKey?: string;
}

/** A product as an order was priced with it. */
export interface PricedProduct {
  readonly sku: string;
  readonly name: string;
  readonly category?: string;
  readonly unitPriceMinor: number;
}

/** What `basket.price` carries: products of the market in the header, to be ordered, or some of what was. */
export interface PriceOrder {
  /** At most one of each product. */
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  /** At the prices and by the rules of now. */
  readonly canaryKey?: string;
  /** Instead at the prices and by the rules of then; each product of `lines` is among these. */
  readonly asOf?: { readonly pricing: OrderPricing; readonly products: readonly PricedProduct[] };
}

/** The answer to `basket.price`. The totals of the lines sum to the total. */
export interface PricedOrder {
  readonly lines: readonly OrderLine[];
  readonly adjustments: readonly Adjustment[];
  readonly total: Money;
  readonly degraded?: boolean;
  readonly pricing: OrderPricing;
}

/**
 * What `basket.restore` carries: an order of this basket was rejected, and its lines come back at the prices of
 * now. Idempotent by the order's id, under the command id `restore/{orderId}`. A basket that was merged refuses
 * with `basket.merged`, whose detail `into` names the basket to ask instead.
 */
export interface RestoreBasket {
  readonly orderId: string;
  readonly reason: OrderReason;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  /** Units of these that there was no stock for. */
  readonly missing: readonly { readonly sku: string; readonly quantity: number }[];
}

import type { OrderReason, StockLine } from '@aisle/contracts';

/** Something that the shopper did not do and ought to be told. */
export type Notice = PriceNotice | RuleNotice | OrderNotice;

/** A unit price became another one. */
export interface PriceNotice {
  readonly code: 'priceChanged';
  readonly sku: string;
  readonly fromMinor: number;
  readonly toMinor: number;
}

/** A rule began or ended to apply to the same lines, or comes to another amount. */
export interface RuleNotice {
  readonly code: 'ruleChanged';
  readonly strategy: string;
  /** All that the rule came to over the basket; 0 where it did not apply. */
  readonly fromMinor: number;
  readonly toMinor: number;
  /** The rule's own words for what it does. */
  readonly message: string;
}

/** An order of this basket was rejected, and its lines are here again. */
export interface OrderNotice {
  readonly code: 'orderReturned';
  readonly orderId: string;
  readonly reason: OrderReason;
  readonly missing: readonly StockLine[];
  readonly lost: readonly LostLine[];
}

/** Units of a rejected order that did not fit into the basket. */
export interface LostLine extends StockLine {
  readonly reason: 'line_full' | 'basket_full' | 'product_unknown';
}

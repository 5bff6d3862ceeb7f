import type { OrderReason, StockLine } from '@aisle/contracts';

/** A message to the shopper about a change that the shopper did not make. */
export type Notice = PriceNotice | RuleNotice | OrderNotice;

/** A unit price changed. */
export interface PriceNotice {
  readonly code: 'priceChanged';
  readonly sku: string;
  readonly fromMinor: number;
  readonly toMinor: number;
}

/** A rule began or ceased to apply to the same lines, or its amount changed. */
export interface RuleNotice {
  readonly code: 'ruleChanged';
  readonly strategy: string;
  /** The rule's amount over the whole basket; 0 if it did not apply. */
  readonly fromMinor: number;
  readonly toMinor: number;
  /** The rule's own description of its effect. */
  readonly message: string;
}

/** An order of this basket was rejected, and its lines were put back. */
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

import type { Adjustment, Money, OrderLine, Taxes } from '@aisle/contracts';
import { assert } from '@aisle/std';

/** The price of an order by lines. The totals of the lines sum to the total. */
export interface OrderPrice {
  readonly lines: readonly OrderLine[];
  /** The adjustments by rules for the whole order. */
  readonly adjustments: readonly Adjustment[];
  readonly total: Money;
  /** Absent in a market without taxes. */
  readonly taxes?: Taxes | undefined;
  /** A rule failed during pricing. */
  readonly degraded?: boolean;
}

/** The price fields of an object. Asserts that the lines sum to the total. */
export function orderPrice({ lines, adjustments, total, taxes, degraded }: OrderPrice): OrderPrice {
  const sum = lines.reduce((minor, line) => minor + line.total.amount, 0);
  assert(sum === total.amount, `the lines of an order must sum to its total ${total.amount}, but sum to ${sum}`);
  return { lines, adjustments, total, ...(taxes ? { taxes } : {}), ...(degraded ? { degraded } : {}) };
}

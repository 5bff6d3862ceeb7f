import type { Adjustment, Money, OrderLine } from '@aisle/contracts';
import { assert } from '@aisle/std';

/** What an order comes to, line by line. The totals of the lines sum to the total. */
export interface OrderPrice {
  readonly lines: readonly OrderLine[];
  /** By the rules for the order as a whole. */
  readonly adjustments: readonly Adjustment[];
  readonly total: Money;
  /** A rule failed when it was priced. */
  readonly degraded?: boolean;
}

/** The price alone, of whatever has one; it adds up. */
export function orderPrice({ lines, adjustments, total, degraded }: OrderPrice): OrderPrice {
  const sum = lines.reduce((minor, line) => minor + line.total.amount, 0);
  assert(sum === total.amount, `the lines of an order come to its total, ${total.amount}, and not to ${sum}`);
  return { lines, adjustments, total, ...(degraded ? { degraded } : {}) };
}

import type { ShopZone } from '@aisle/std/shop-time';
import { PricingFailure } from '../failures.ts';

/** A price in a list, in force from `from` until `until` (exclusive), or for good. */
export interface PriceRow {
  readonly list: string;
  readonly priceMinor: number;
  /** A day or time of the shop's clock, or an instant: see `ShopZone.momentMs`. */
  readonly from: string;
  readonly until?: string | undefined;
  readonly reduction?: boolean | undefined;
}

/** A price row whose bounds are instants, so that it is in force without a writer. */
export interface DatedPrice {
  readonly list: string;
  readonly priceMinor: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly reduction: boolean;
}

/** The price in force at an instant, if there is one, and the instant of the next change. */
export interface PriceAt {
  readonly price: DatedPrice | undefined;
  readonly untilMs: number;
}

/** Reads a row in shop time. Throws `shop_time.moment`, and `pricing.input` for a row that ends before it begins. */
export function datedPrice({ list, priceMinor, from, until, reduction = false }: PriceRow, zone: ShopZone): DatedPrice {
  const fromMs = zone.momentMs(from);
  const untilMs = until === undefined ? Infinity : zone.momentMs(until);
  if (untilMs <= fromMs) throw PricingFailure.input('until', 'a moment after `from`');
  return { list, priceMinor, fromMs, untilMs, reduction };
}

/**
 * The price in force at an instant. `lists` are in order, the market's own first: the nearest list with a row in force wins, and within it
 * the lowest row. Among equal rows the one that began last wins. Undefined before the first row and after the last.
 */
export function priceAt(rows: readonly DatedPrice[], lists: readonly string[], ms: number): PriceAt {
  const inForce = rows.filter(({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs);
  const nearest = lists.find((list) => inForce.some((row) => row.list === list));
  const price = inForce.filter(({ list }) => list === nearest).reduce<DatedPrice | undefined>(better, undefined);
  return { price, untilMs: nextChange(rows, lists, ms) };
}

function better(best: DatedPrice | undefined, row: DatedPrice): DatedPrice {
  if (!best) return row;
  const order = best.priceMinor - row.priceMinor || row.fromMs - best.fromMs || Number(row.reduction) - Number(best.reduction);
  return order > 0 ? row : best;
}

/** The next bound of a row that a list names. The price may stay the same at it. */
function nextChange(rows: readonly DatedPrice[], lists: readonly string[], ms: number): number {
  let next = Infinity;
  for (const { list, fromMs, untilMs } of rows) {
    if (!lists.includes(list)) continue;
    if (fromMs > ms) next = Math.min(next, fromMs);
    else if (untilMs > ms) next = Math.min(next, untilMs);
  }
  return next;
}

import { addDays, type ShopZone } from '@aisle/std/shop-time';
import { PricingFailure } from '../failures.ts';

/** An entry of a price history: from this instant until the next entry, everybody could buy at this price. */
export interface PriceRecord {
  readonly atMs: number;
  /** Null from the instant at which the product is not sold. */
  readonly priceMinor: number | null;
  /** Announced as a reduction, or lowered by a rule for everybody. */
  readonly reduction: boolean;
}

/** Days before a reduction whose prices count (Directive 98/6/EC, Article 6a). */
export const PRIOR_DAYS = 30;

/**
 * A history with one more record. It is append-only: a record that changes nothing is not added, and one before the last is refused with
 * `pricing.input`. Of two records of one instant, the
 * later one counts, and the earlier was never in force.
 */
export function recordPrice(history: readonly PriceRecord[], record: PriceRecord): readonly PriceRecord[] {
  const last = history.at(-1);
  if (last && record.atMs < last.atMs) throw PricingFailure.input('atMs', `an instant from ${last.atMs} on: a history only grows`);
  if (last && last.priceMinor === record.priceMinor && last.reduction === record.reduction) return history;
  return [...history, record];
}

/**
 * The prior price that an announcement of a reduction has to say: the lowest at which anybody could buy in the 30 days before the first
 * day of the unbroken reduction that is in force at `nowMs`. A reduction that only grows stays the same one; a price that rises begins
 * another. For younger goods, the days since their introduction count. Undefined without a reduction in force, and for goods that
 * were never sold at another price before it.
 */
export function priorPrice(records: readonly PriceRecord[], nowMs: number, zone: ShopZone): number | undefined {
  const history = records.filter(({ atMs }, index) => atMs !== records[index + 1]?.atMs);
  const first = firstOfReduction(history, nowMs);
  if (first === undefined) return undefined;
  const begunMs = (history[first] as PriceRecord).atMs;
  const { date, sinceMs: dayMs } = zone.dayAt(begunMs);
  const sinceMs = zone.dayOf(addDays(date, -PRIOR_DAYS)).sinceMs;
  // Goods that were introduced on the day of their reduction have only the hours of this day.
  return lowest(history, first, sinceMs, dayMs) ?? lowest(history, first, dayMs, begunMs);
}

/** The index of the record with which the reduction of an instant began. */
function firstOfReduction(history: readonly PriceRecord[], nowMs: number): number | undefined {
  let first = history.findLastIndex(({ atMs }) => atMs <= nowMs);
  if (!isReduced(history[first])) return undefined;
  for (let before = first - 1; before >= 0; before -= 1) {
    const [earlier, later] = [history[before], history[before + 1]];
    if (!isReduced(earlier) || !isReduced(later) || earlier.priceMinor < later.priceMinor) break;
    first = before;
  }
  return first;
}

interface ReducedRecord extends PriceRecord {
  readonly priceMinor: number;
}

function isReduced(record: PriceRecord | undefined): record is ReducedRecord {
  return record !== undefined && record.reduction && record.priceMinor !== null;
}

/** The lowest price of the records before `end` that were in force at some time of a period. */
function lowest(history: readonly PriceRecord[], end: number, sinceMs: number, untilMs: number): number | undefined {
  let found: number | undefined;
  for (let index = 0; index < end; index += 1) {
    const { atMs, priceMinor } = history[index] as PriceRecord;
    const endMs = (history[index + 1] as PriceRecord).atMs;
    if (atMs < untilMs && endMs > sinceMs && priceMinor !== null && (found === undefined || priceMinor < found)) found = priceMinor;
  }
  return found;
}

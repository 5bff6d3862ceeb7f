import type { Basket, Line, PriceNotice } from '../basket/basket.ts';

const NONE: readonly PriceNotice[] = [];

/** Which of these lines cost another unit price than the basket has recorded for them. */
export function noticesOf(basket: Basket, lines: readonly Line[]): readonly PriceNotice[] {
  let notices: PriceNotice[] | undefined;
  for (const { sku, unitPriceMinor } of lines) {
    const held = basket.lines.get(sku);
    if (!held || held.unitPriceMinor === unitPriceMinor) continue;
    (notices ??= []).push({ sku, fromMinor: held.unitPriceMinor, toMinor: unitPriceMinor });
  }
  return notices ?? NONE;
}

/** What was to be told already, and what came since: of two steps of one price the ends, of a way there and back nothing. */
export function withEarlier(
  earlier: readonly PriceNotice[],
  later: readonly PriceNotice[],
): readonly PriceNotice[] {
  const notices = new Map(earlier.map((notice) => [notice.sku, notice]));
  for (const notice of later) {
    const fromMinor = notices.get(notice.sku)?.fromMinor ?? notice.fromMinor;
    notices.set(notice.sku, { ...notice, fromMinor });
  }
  return [...notices.values()].filter(({ fromMinor, toMinor }) => fromMinor !== toMinor);
}

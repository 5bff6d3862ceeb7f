import type { Basket, Line } from '../basket/basket.ts';
import type { Notice, PriceNotice, RuleNotice } from '../basket/notice.ts';

type Priced = Pick<Basket, 'adjustments'> & { readonly lines: readonly Line[] };

const NONE: readonly Notice[] = [];

/**
 * Differences between two prices of the same lines that nobody asked for: unit prices, and rules that began, ended or come
 * to another amount. A rule whose amount follows from a changed unit price is not told of besides.
 */
export function noticesBetween(before: Priced, after: Priced): readonly Notice[] {
  const prices = priceNotices(before, after);
  const rules = ruleNotices(before, after, prices.length > 0);
  return prices.length + rules.length === 0 ? NONE : [...prices, ...rules];
}

/** Earlier notices that are still to be told, and later ones: of two steps the ends, of a way there and back nothing. */
export function withEarlier(earlier: readonly Notice[], later: readonly Notice[]): readonly Notice[] {
  if (earlier.length === 0) return later;
  const notices = new Map(earlier.map((notice) => [keyOf(notice), notice]));
  for (const notice of later) {
    const known = notices.get(keyOf(notice));
    const isStep = known !== undefined && 'fromMinor' in known && 'fromMinor' in notice;
    notices.set(keyOf(notice), isStep ? { ...notice, fromMinor: known.fromMinor } : notice);
  }
  return [...notices.values()].filter((notice) => !('fromMinor' in notice) || notice.fromMinor !== notice.toMinor);
}

function keyOf(notice: Notice): string {
  switch (notice.code) {
    case 'priceChanged':
      return `price ${notice.sku}`;
    case 'ruleChanged':
      return `rule ${notice.strategy}`;
    case 'orderReturned':
      return `order ${notice.orderId}`;
  }
}

function priceNotices(before: Priced, after: Priced): PriceNotice[] {
  const held = new Map(before.lines.map((line) => [line.sku, line.unitPriceMinor]));
  return after.lines.flatMap(({ sku, unitPriceMinor: toMinor }): PriceNotice[] => {
    const fromMinor = held.get(sku);
    return fromMinor === undefined || fromMinor === toMinor ? [] : [{ code: 'priceChanged', sku, fromMinor, toMinor }];
  });
}

interface RuleEffect {
  amountMinor: number;
  readonly version: string;
  readonly message: string;
}

function ruleNotices(before: Priced, after: Priced, pricesChanged: boolean): RuleNotice[] {
  const [was, is] = [effectsOf(before), effectsOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((strategy): RuleNotice[] => {
    const [old, current] = [was.get(strategy), is.get(strategy)];
    const [fromMinor, toMinor] = [old?.amountMinor ?? 0, current?.amountMinor ?? 0];
    const followsPrices = pricesChanged && old?.version === current?.version;
    if (fromMinor === toMinor || followsPrices) return [];
    return [{ code: 'ruleChanged', strategy, fromMinor, toMinor, message: (current ?? old)?.message ?? '' }];
  });
}

/** Each rule that applies, with all that it comes to. */
function effectsOf({ lines, adjustments }: Priced): ReadonlyMap<string, RuleEffect> {
  const effects = new Map<string, RuleEffect>();
  for (const { strategy, version, message, amountMinor } of [...lines.flatMap((line) => line.adjustments), ...adjustments]) {
    const known = effects.get(strategy);
    if (known) known.amountMinor += amountMinor;
    else effects.set(strategy, { amountMinor, version, message });
  }
  return effects;
}

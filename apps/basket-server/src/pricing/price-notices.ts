import type { Basket, Line } from '../basket/basket.ts';
import type { Notice, PriceNotice, RuleNotice } from '../basket/notice.ts';

type PricedLines = Pick<Basket, 'adjustments'> & { readonly lines: readonly Line[] };

const NONE: readonly Notice[] = [];

/**
 * Notices of the differences between two prices of the same lines: unit prices, and rules that began, ended or changed
 * their amount. A rule of the same version gets no notice if unit prices changed, since its amount follows from them.
 */
export function noticesBetween(before: PricedLines, after: PricedLines): readonly Notice[] {
  const prices = priceNotices(before, after);
  const rules = ruleNotices(before, after, prices.length > 0);
  return prices.length + rules.length === 0 ? NONE : [...prices, ...rules];
}

/**
 * Earlier notices that were not shown yet, combined with later ones. Two changes of one amount become one notice from the
 * first amount to the last, and no notice if these are equal.
 */
export function withEarlier(earlier: readonly Notice[], later: readonly Notice[]): readonly Notice[] {
  if (earlier.length === 0) return later;
  const notices = new Map(earlier.map((notice) => [keyOf(notice), notice]));
  for (const notice of later) {
    const known = notices.get(keyOf(notice));
    const isContinued = known !== undefined && 'fromMinor' in known && 'fromMinor' in notice;
    notices.set(keyOf(notice), isContinued ? { ...notice, fromMinor: known.fromMinor } : notice);
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

function priceNotices(before: PricedLines, after: PricedLines): PriceNotice[] {
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

function ruleNotices(before: PricedLines, after: PricedLines, pricesChanged: boolean): RuleNotice[] {
  const [was, is] = [effectsOf(before), effectsOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((strategy): RuleNotice[] => {
    const [old, current] = [was.get(strategy), is.get(strategy)];
    const [fromMinor, toMinor] = [old?.amountMinor ?? 0, current?.amountMinor ?? 0];
    const followsPrices = pricesChanged && old?.version === current?.version;
    if (fromMinor === toMinor || followsPrices) return [];
    return [{ code: 'ruleChanged', strategy, fromMinor, toMinor, message: (current ?? old)?.message ?? '' }];
  });
}

/** The rules that apply, each with its total amount. */
function effectsOf({ lines, adjustments }: PricedLines): ReadonlyMap<string, RuleEffect> {
  const effects = new Map<string, RuleEffect>();
  for (const { strategy, version, message, amountMinor } of [...lines.flatMap((line) => line.adjustments), ...adjustments]) {
    const known = effects.get(strategy);
    if (known) known.amountMinor += amountMinor;
    else effects.set(strategy, { amountMinor, version, message });
  }
  return effects;
}

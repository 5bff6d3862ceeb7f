import type { Item, Meta, PricingContext } from '@aisle/pricing';

/** A Saturday morning in the reference market. */
export const at: PricingContext = { now: '2026-11-21T09:00:00Z', market: 'm1', currency: 'GBP' };

const CATEGORIES = 18;

/** A basket of this many products, with prices unique to its `season`. */
export function basketOf(lines: number, season: number): Item[] {
  return Array.from({ length: lines }, (_, index) => ({
    sku: `SKU-${index}`,
    quantity: 1 + (index % 9),
    unitPriceMinor: 99 + index * 7 + season * 10_000,
    category: `category-${index % CATEGORIES}`,
  }));
}

/**
 * 25 scripts of a plausible shop: 18 for a category each, 5 for every line, and 2 for the whole basket, which read its
 * lines with `byLine`. With `everywhere`, all 25 price every line.
 */
export function scripts({ everywhere = false, byLine = false } = {}): string[] {
  return Array.from({ length: 25 }, (_, index) => {
    if (!everywhere && index >= 23) return basketScript(index, byLine);
    const scope = everywhere || index >= CATEGORIES ? {} : { categories: [`category-${index}`] };
    return lineScript(index, scope);
  });
}

/** A discount on every eighth unit; otherwise a hint about the missing ones. */
function lineScript(index: number, scope: Meta['scope']): string {
  return sourceOf({ name: `line-${index}`, kind: 'line', scope }, `
    const { quantity, netMinor } = input;
    const missing = 8 - (quantity + ${index}) % 8;
    if (missing < 8) {
      return { adjustments: [], skipped: [{ code: 'eighth', reason: 'more and one is cheaper', unitsNeeded: missing }] };
    }
    const amountMinor = -ctx.money.mulDiv(netMinor, 1, 10 + ${index});
    return { adjustments: [{ code: 'eighth', amountMinor, units: 1, message: 'every eighth is cheaper' }] };
  `);
}

/** A discount for every 20.00 spent, by the basket's sum or by the sum of its lines. */
function basketScript(index: number, byLine: boolean): string {
  return sourceOf({ name: `basket-${index}`, kind: 'basket', scope: {} }, `
    const spentMinor = ${byLine ? 'input.lines.reduce((sum, { netMinor }) => sum + netMinor, 0)' : 'input.netMinor'};
    const times = Math.floor(spentMinor / 2000);
    if (times === 0) return { adjustments: [] };
    return { adjustments: [{ code: 'spend', amountMinor: -times * 10, message: 'spent enough to save' }] };
  `);
}

/** The source of a strategy with this `price(input, ctx)`. */
export function sourceOf(meta: Pick<Meta, 'name' | 'kind' | 'scope'> & Partial<Meta>, body: string, before = ''): string {
  const whole = { contract: 1, version: '1.0.0', title: meta.name, priority: 0, stack: 'stack', tests: [], ...meta };
  return `${before}\nexport default { meta: ${JSON.stringify(whole)}, price(input, ctx) { ${body} } };`;
}

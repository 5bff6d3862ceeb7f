import type { Item, Meta, PricingContext } from '@aisle/pricing';
/** A Saturday morning in the reference market. */
export declare const at: PricingContext;
/** A basket of so many products, whose prices no other `season` has. */
export declare function basketOf(lines: number, season: number): Item[];
/**
 * 25 scripts, as a shop might have them: 18 for a category each, 5 for every line, 2 for the whole
 * basket, which look at its lines with `byLine`. Or, with `everywhere`, 25 that all price every line.
 */
export declare function scripts({ everywhere, byLine }?: {
    everywhere?: boolean | undefined;
    byLine?: boolean | undefined;
}): string[];
/** The source of a strategy with this `price(input, ctx)`. */
export declare function sourceOf(meta: Pick<Meta, 'name' | 'kind' | 'scope'>, body: string, before?: string): string;
//# sourceMappingURL=shop.d.ts.map
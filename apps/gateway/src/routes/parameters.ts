import { z } from 'zod';
import { GivenText, Identifier } from '@aisle/contracts';

const LIMIT_MAX = 200;
const LIMIT = `must be a whole number from 1 to ${LIMIT_MAX}`;
const CURSOR = 'must be the `next` of the page before';
const CURSOR_MEANS = 'the `next` of the page before; the first page unless given';

/** A market, and all that lies in it. */
export const MarketPath = z.strictObject({ market: Identifier.meta({ description: 'the id of the market' }) });
export type MarketPath = z.infer<typeof MarketPath>;

/** A product of a market. */
export const ProductPath = MarketPath.extend({ sku: Identifier.meta({ description: 'the SKU of the product' }) });
export type ProductPath = z.infer<typeof ProductPath>;

/** What a list is asked for: how much of it, and from where on. The bounds are the same on every route. */
export const Page = pageOf(50);
export type Page = z.infer<typeof Page>;

/** A cursor that is a number. */
export const NumberCursor = z.string().regex(/^\d{1,15}$/, CURSOR).meta({ description: CURSOR_MEANS });

/** A page that has so many items when nobody says how many. */
export function pageOf(usual: number) {
  return z.strictObject({
    limit: z.preprocess(numberOf, z.int(LIMIT).min(1, LIMIT).max(LIMIT_MAX, LIMIT).default(usual)).meta({ description: 'how many items the page has at most' }),
    cursor: GivenText.min(1).max(1_024).optional().meta({ description: CURSOR_MEANS }),
  });
}

/** Decimal digits alone: `Number` would also read `0x10`, `1e2` and `+5`. */
function numberOf(text: unknown): unknown {
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : text;
}

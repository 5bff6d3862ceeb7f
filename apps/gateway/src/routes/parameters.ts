import { z } from 'zod';
import { GivenText, Identifier } from '@aisle/contracts';

const LIMIT_MAX = 200;
const LIMIT = `must be a whole number from 1 to ${LIMIT_MAX}`;
const CURSOR = 'must be the `next` of the previous page';
const CURSOR_MEANS = 'the `next` of the previous page; without it, the first page';

/** Path parameters of a market and its resources. */
export const MarketPath = z.strictObject({ market: Identifier.meta({ description: 'the id of the market', examples: ['m1'] }) });
export type MarketPath = z.infer<typeof MarketPath>;

/** Path parameters of a product. */
export const ProductPath = MarketPath.extend({ sku: Identifier.meta({ description: 'the SKU of the product', examples: ['GR1'] }) });
export type ProductPath = z.infer<typeof ProductPath>;

/** Query parameters of a list: the size of a page and its cursor. Their bounds are the same on every route. */
export const Page = pageOf(50);
export type Page = z.infer<typeof Page>;

/** A numeric cursor. */
export const NumberCursor = z.string().regex(/^[0-9]{1,15}$/, CURSOR).meta({ description: CURSOR_MEANS });

/** Query parameters of a list whose pages have `usual` items unless `limit` is given. */
export function pageOf(usual: number) {
  return z.strictObject({
    limit: z.preprocess(numberOf, z.int(LIMIT).min(1, LIMIT).max(LIMIT_MAX, LIMIT).default(usual)).meta({ description: 'the most items of the page', examples: [3] }),
    cursor: GivenText.min(1).max(1_024).optional().meta({ description: CURSOR_MEANS }),
  });
}

/** Parses decimal digits only; `Number` would also accept `0x10`, `1e2` and `+5`. */
function numberOf(text: unknown): unknown {
  return typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : text;
}

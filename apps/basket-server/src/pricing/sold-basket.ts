import type { SampleBasket } from '@aisle/pricing/lifecycle';
import type { Line } from '../basket/basket.ts';
import type { Market } from '../catalogue/catalogue.ts';
import { shopTime } from './shop-time.ts';

/** The lines of a checkout with their unit prices, and its instant. */
export interface SoldLines {
  readonly lines: readonly Pick<Line, 'sku' | 'quantity' | 'unitPriceMinor' | 'unit' | 'category' | 'taxCategory'>[];
  readonly atMs: number;
}

/** A sold basket as a sample that can be priced again, at its own instant and unit prices, on its side of each canary. */
export function soldBasket({ lines, atMs }: SoldLines, { id, currency, rounding, terms }: Pick<Market, 'id' | 'currency' | 'rounding' | 'terms'>, key: string): SampleBasket {
  const items = lines.map(({ sku, quantity, unitPriceMinor, unit, category, taxCategory }) => ({
    sku, quantity, unitPriceMinor, ...(unit === undefined ? {} : { unit }), ...(category === undefined ? {} : { category }),
    ...(taxCategory === undefined ? {} : { taxCategory }),
  }));
  return { key, items, coupons: [], context: { ...shopTime(terms, atMs), market: id, currency, rounding } };
}

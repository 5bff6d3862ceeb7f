import { seedCatalogue } from '@aisle/contracts';
import type { MarketEntry, ProductEntry } from './catalogue-entries.ts';

/** The markets of every app's seed, as entries. Any event of a market replaces its entry. */
export function seedRows(tenant = 'default'): { markets: MarketEntry[]; products: ProductEntry[] } {
  const source = (market: string) => ({ tenant, market, sourceRevision: 0 });
  return {
    markets: seedCatalogue().map(({ id, currency }) => ({ ...source(id), currency, rounding: null, terms: null })),
    products: seedCatalogue().flatMap(({ id, products }) =>
      products.map(({ sku, name, category, unitPriceMinor: priceMinor }) =>
        ({ ...source(id), sku, name, category, priceMinor, deleted: false, facts: null }))),
  };
}

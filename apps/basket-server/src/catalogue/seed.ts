import { seedCatalogue } from '@aisle/contracts';
import type { MarketSaid, ProductSaid } from './said.ts';

/** The markets that every app's seed begins with, as rows: whatever a market says of itself counts over them. */
export function seedRows(tenant = 'default'): { markets: MarketSaid[]; products: ProductSaid[] } {
  const source = (market: string) => ({ tenant, market, sourceRevision: 0 });
  return {
    markets: seedCatalogue().map(({ id, currency }) => ({ ...source(id), currency, rounding: null })),
    products: seedCatalogue().flatMap(({ id, products }) =>
      products.map(({ sku, name, category, unitPriceMinor: priceMinor }) =>
        ({ ...source(id), sku, name, category, priceMinor, deleted: false }))),
  };
}

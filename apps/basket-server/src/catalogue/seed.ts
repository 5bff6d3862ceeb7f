import { seedCatalogue } from '@aisle/contracts';
import type { Market } from './catalogue.ts';

/** The seed's markets, as this app sees them. */
export function seedMarkets(): readonly Market[] {
  return seedCatalogue().map(({ id, currency, products }) => ({
    id, currency, products: new Map(products.map((product) => [product.sku, product])),
  }));
}

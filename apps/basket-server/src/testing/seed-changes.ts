import { seedCatalogue } from '@aisle/contracts';
import type { CatalogueChange } from '../catalogue/catalogue.ts';

/** The seed's markets as changes of a catalogue. */
export function seedChanges(revision = 1, tenant = 'default'): CatalogueChange[] {
  return seedCatalogue().flatMap(({ id: market, currency, products }) => [
    { tenant, market, revision, currency, rounding: 'half-up' as const },
    ...products.map((product) => ({ tenant, market, revision, sku: product.sku, product })),
  ]);
}

import { clusterMigrations } from '@aisle/cluster';
import { journalMigrations } from '@aisle/journal';
import { createDataSource } from '@aisle/persistence';
import type { AppSchema } from '@aisle/platform';
import { Catalogue1700000000100 } from './catalogue/catalogue.migration.ts';
import { CatalogueRepository } from './catalogue/catalogue.repository.ts';
import { MarketRow } from './catalogue/market.row.ts';
import { ProductRow } from './catalogue/product.row.ts';
import { seedMarkets } from './catalogue/seed.ts';
import { Strategies1700000000600 } from './strategy/strategy.migration.ts';

/** The schema `basket`; its migrations stand in the order in which they run. */
export const basketSchema: AppSchema = {
  schema: 'basket',
  migrations: [...clusterMigrations, Catalogue1700000000100, ...journalMigrations, Strategies1700000000600],
  async seed({ url, logger }) {
    const entities = [MarketRow, ProductRow];
    const database = await createDataSource({ url, schema: 'basket', applicationName: 'seed', poolMax: 1, entities });
    const newProducts = await new CatalogueRepository(database).seed('default', seedMarkets());
    await database.destroy();
    logger.info('catalogue seeded', { newProducts });
  },
};

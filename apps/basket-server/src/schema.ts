import { clusterMigrations } from '@aisle/cluster';
import { journalMigrations } from '@aisle/journal';
import { createDataSource } from '@aisle/persistence';
import type { AppSchema } from '@aisle/platform';
import { Catalogue1700000000100 } from './catalogue/catalogue.migration.ts';
import { CatalogueRepository } from './catalogue/catalogue.repository.ts';
import { catalogueRows } from './catalogue/catalogue-rows.ts';
import { CatalogueRevisions1700000000700 } from './catalogue/catalogue-revisions.migration.ts';
import { seedRows } from './catalogue/seed.ts';
import { Strategies1700000000600 } from './strategy/strategy.migration.ts';

/** The schema `basket`; its migrations stand in the order in which they run. */
export const basketSchema: AppSchema = {
  schema: 'basket',
  migrations: [
    ...clusterMigrations, Catalogue1700000000100, ...journalMigrations, Strategies1700000000600,
    CatalogueRevisions1700000000700,
  ],
  entities: catalogueRows,
  async seed({ url, logger }) {
    const database = await createDataSource({ url, schema: 'basket', applicationName: 'seed', poolMax: 1, entities: [] });
    const newProducts = await new CatalogueRepository(database).write(seedRows());
    await database.destroy();
    logger.info('catalogue seeded', { newProducts });
  },
};

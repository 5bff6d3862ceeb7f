import { clusterMigrations, nodeRights } from '@aisle/cluster';
import { eventsSchema, readerRights } from '@aisle/events';
import { journalMigrations, journalRights } from '@aisle/journal';
import { createDataSource } from '@aisle/persistence';
import type { AppSchema } from '@aisle/platform';
import { referenceSetups } from '@aisle/pricing';
import { StrategyRollout } from '@aisle/pricing/lifecycle';
import { strategyMigrations, strategyRights } from '@aisle/pricing/postgres';
import { systemRuntime } from '@aisle/std';
import { Catalogue1700000000100 } from './catalogue/catalogue.migration.ts';
import { CatalogueFacts1796700000100 } from './catalogue/catalogue-facts.migration.ts';
import { CatalogueRepository } from './catalogue/catalogue.repository.ts';
import { MarketRounding1796000000300 } from './catalogue/market-rounding.migration.ts';
import { CatalogueRevisions1700000000700 } from './catalogue/catalogue-revisions.migration.ts';
import { seedRows } from './catalogue/seed.ts';
import { strategyStore } from './strategy/strategy-store.ts';

const APP = 'basket-server';

/** The schema `basket`, with its migrations in the order in which they run. */
export const basketSchema: AppSchema = {
  schema: 'basket',
  migrations: [
    ...clusterMigrations, Catalogue1700000000100, ...journalMigrations, CatalogueRevisions1700000000700, ...strategyMigrations,
    MarketRounding1796000000300, CatalogueFacts1796700000100,
  ],
  access: {
    app: APP,
    rights: [
      nodeRights, journalRights, strategyRights,
      { tables: { market: 'SELECT, INSERT, UPDATE', product: 'SELECT, INSERT, UPDATE', catalogue_revision: 'SELECT, UPDATE' } },
    ],
  },
  async seed({ url, logger }) {
    const database = await createDataSource({ url, schema: 'basket', applicationName: 'seed', poolMax: 1 });
    const newProducts = await new CatalogueRepository(database).write(seedRows());
    logger.info('catalogue seeded', { newProducts });
    const rollout = new StrategyRollout({
      store: strategyStore({ database, databaseUrl: url, runtime: systemRuntime }), runtime: systemRuntime,
    });
    logger.info('strategies seeded', { newStrategies: await rollout.seed(referenceSetups(), { by: 'seed' }) });
    await database.destroy();
  },
};

/** The schemas that basket-server uses, with its rights in each. */
export const basketServerSchemas: readonly AppSchema[] = [{ ...eventsSchema, access: { app: APP, rights: [readerRights] } }, basketSchema];

// Brings this app's schema up to date, before any process of the app starts; `--seed` also fills it.
import 'reflect-metadata';
import { z } from 'zod';
import { createDataSource, migrate, prepareDatabase } from '@aisle/persistence';
import { BaseConfig, runTask } from '@aisle/platform';
import { CatalogueRepository } from './catalogue/catalogue.repository.ts';
import { MarketRow } from './catalogue/market.row.ts';
import { ProductRow } from './catalogue/product.row.ts';
import { seedMarkets } from './catalogue/seed.ts';
import { migrations } from './migrations.ts';

const MigrateConfig = BaseConfig.extend({
  /** A role that may create databases and roles. */
  DATABASE_ADMIN_URL: z.url(),
  /** The app's database and role, both made when they are not there. */
  DATABASE_URL: z.url(),
});

await runTask('migrate', MigrateConfig, async ({ config, logger }) => {
  const target = {
    adminUrl: config.DATABASE_ADMIN_URL,
    appUrl: config.DATABASE_URL,
    schema: 'basket',
  };
  await prepareDatabase(target);
  logger.info('schema migrated', { ran: await migrate({ ...target, migrations }) });
  if (!process.argv.includes('--seed')) return;

  const database = await createDataSource({
    url: target.appUrl,
    schema: target.schema,
    applicationName: 'seed',
    poolMax: 1,
    entities: [MarketRow, ProductRow],
  });
  const newProducts = await new CatalogueRepository(database).seed('default', seedMarkets());
  await database.destroy();
  logger.info('catalogue seeded', { newProducts });
});

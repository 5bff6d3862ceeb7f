import { clusterMigrations } from '@aisle/cluster';
import { outboxMigrations } from '@aisle/events';
import { journalMigrations } from '@aisle/journal';
import type { AppSchema } from '@aisle/platform';
import { MarketPromises1796000000100 } from './rows/market-promises.migration.ts';
import { marketRowsMigrations } from './rows/market-rows.migration.ts';
import { marketEntities } from './rows/rows.repository.ts';
import { seed } from './seed/seed.ts';

/** The schema `market`; its migrations stand in the order in which they run. */
export const marketSchema: AppSchema = {
  schema: 'market',
  migrations: [...clusterMigrations, ...journalMigrations, ...outboxMigrations, ...marketRowsMigrations, MarketPromises1796000000100],
  entities: marketEntities,
  seed,
};

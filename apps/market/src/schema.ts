import { clusterMigrations, nodeRights } from '@aisle/cluster';
import { eventsSchema, outboxMigrations, outboxRights, tellerRights } from '@aisle/events';
import { journalMigrations, journalRights } from '@aisle/journal';
import type { AppSchema } from '@aisle/platform';
import { MarketFacts1796700000000 } from './rows/market-facts.migration.ts';
import { MarketPromises1796000000100 } from './rows/market-promises.migration.ts';
import { MovementPrincipals1796800000100 } from './rows/movement-principals.migration.ts';
import { marketRowsMigrations } from './rows/market-rows.migration.ts';
import { seed } from './seed/seed.ts';

const APP = 'market';

/** The schema `market`, with its migrations in the order in which they run. */
export const marketSchema: AppSchema = {
  schema: 'market',
  migrations: [
    ...clusterMigrations, ...journalMigrations, ...outboxMigrations, ...marketRowsMigrations, MarketPromises1796000000100, MarketFacts1796700000000,
    MovementPrincipals1796800000100,
  ],
  access: {
    app: APP,
    rights: [
      nodeRights, journalRights, outboxRights,
      // The trigger on the journal writes these tables.
      { tables: { market: 'SELECT', product: 'SELECT', lot: 'SELECT', reservation: 'SELECT', movement: 'SELECT' } },
    ],
  },
  seed,
};

/** The schemas that market uses, with its rights in each. */
export const marketSchemas: readonly AppSchema[] = [{ ...eventsSchema, access: { app: APP, rights: [tellerRights] } }, marketSchema];

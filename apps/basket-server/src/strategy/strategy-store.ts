import { Announcements, withDatabaseErrors } from '@aisle/persistence';
import type { StrategyStore } from '@aisle/pricing/lifecycle';
import { PostgresStrategyStore } from '@aisle/pricing/postgres';
import type { Runtime } from '@aisle/std';

// There is one tenant so far, and every strategy belongs to it.
const TENANT = 'default';

/** The store of strategies in this app's schema. `DatabaseFailure.unavailable` contains the address in `databaseUrl`. */
export function strategyStore(
  { database, databaseUrl, runtime }: {
    readonly database: ConstructorParameters<typeof Announcements>[0]; readonly databaseUrl: string; readonly runtime: Runtime;
  },
): StrategyStore {
  return withDatabaseErrors(databaseUrl, new PostgresStrategyStore({
    database, tenant: TENANT, runtime, ear: (channel, onHeard) => new Announcements(database, channel, onHeard),
  }));
}

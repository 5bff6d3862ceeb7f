import { Announcements, withDatabaseErrors } from '@aisle/persistence';
import type { StrategyStore } from '@aisle/pricing/lifecycle';
import { PostgresStrategyStore } from '@aisle/pricing/postgres';
import type { Runtime } from '@aisle/std';

// Until there are tenants, every strategy belongs to one.
const TENANT = 'default';

/** The strategies in this app's schema. Failures name the database by `databaseUrl`. */
export function strategyStore(
  { database, databaseUrl, runtime }: {
    readonly database: ConstructorParameters<typeof Announcements>[0]; readonly databaseUrl: string; readonly runtime: Runtime;
  },
): StrategyStore {
  return withDatabaseErrors(databaseUrl, new PostgresStrategyStore({
    database, tenant: TENANT, runtime, ear: (channel, onHeard) => new Announcements(database, channel, onHeard),
  }));
}

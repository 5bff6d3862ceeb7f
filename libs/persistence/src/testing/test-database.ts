import { escapeIdentifier as name } from 'pg';
import { ensureInfra } from '@aisle/dev';
import { systemRuntime, uuidv7 } from '@aisle/std';
import { administer } from '../administer.ts';
import { migrate } from '../migrate.ts';
import type { MigrationClass } from '../migrate.ts';
import { prepareDatabase } from '../prepare-database.ts';
import type { DatabaseUrls } from '../prepare-database.ts';

/** A database of a suite's own on the ensured PostgreSQL, with an app role of its own. */
export interface TestDatabase extends DatabaseUrls {
  /** Drops database and role, cutting what is still connected. */
  drop(): Promise<void>;
}

/** A fresh, migrated database. Call `drop` in `afterAll`. */
export async function testDatabase(options: {
  readonly schema: string;
  readonly migrations: readonly MigrationClass[];
}): Promise<TestDatabase> {
  const { adminDatabaseUrl: adminUrl } = await ensureInfra();
  const unique = `aisle_test_${uuidv7(systemRuntime).replaceAll('-', '')}`;
  const url = new URL(adminUrl);
  url.username = unique;
  url.password = 'test p@ss/word';
  url.pathname = `/${unique}`;
  const urls = { adminUrl, appUrl: url.toString() };
  await prepareDatabase({ ...urls, schema: options.schema });
  await migrate({ ...urls, ...options });
  return {
    ...urls,
    drop: () =>
      administer(adminUrl, 'server', async (admin) => {
        await admin.query(`DROP DATABASE IF EXISTS ${name(unique)} WITH (FORCE)`);
        await admin.query(`DROP ROLE IF EXISTS ${name(unique)}`);
      }),
  };
}

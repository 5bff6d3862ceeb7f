import { escapeIdentifier as name } from 'pg';
import { ensureInfra } from '@aisle/dev';
import { systemRuntime, uuidv7 } from '@aisle/std';
import type { Access } from '../access.ts';
import { administer } from '../administer.ts';
import { migrate } from '../migrate.ts';
import type { MigrationClass } from '../migrate.ts';
import { prepareDatabase } from '../prepare-database.ts';
import type { DatabaseUrls } from '../prepare-database.ts';

/** A suite's own database on the PostgreSQL that `ensureInfra` starts, with its own app role. */
export interface TestDatabase extends DatabaseUrls {
  /** Drops the database and the role, and cuts open connections. */
  drop(): Promise<void>;
}

/** The schema of an app under test. */
export interface TestSchema {
  readonly schema: string;
  readonly migrations: readonly MigrationClass[];
  readonly access?: Access | undefined;
}

/** Creates a database with these schemas and runs their migrations. Call `drop` in `afterAll`. */
export async function testDatabase(...schemas: readonly TestSchema[]): Promise<TestDatabase> {
  const { adminDatabaseUrl: adminUrl } = await ensureInfra();
  const unique = `aisle_test_${uuidv7(systemRuntime).replaceAll('-', '')}`;
  const url = new URL(adminUrl);
  url.username = unique;
  url.password = 'test p@ss/word';
  url.pathname = `/${unique}`;
  const urls = { adminUrl, appUrl: url.toString() };
  for (const schema of schemas) {
    await prepareDatabase({ ...urls, ...schema });
    await migrate({ ...urls, ...schema });
  }
  return {
    ...urls,
    drop: () =>
      administer(adminUrl, 'server', async (admin) => {
        await admin.query(`DROP DATABASE IF EXISTS ${name(unique)} WITH (FORCE)`);
        await admin.query(`DROP ROLE IF EXISTS ${name(unique)}`);
      }),
  };
}

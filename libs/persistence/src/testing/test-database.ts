import { escapeIdentifier as name } from 'pg';
import { ensureInfra } from '@aisle/dev';
import { systemRuntime, uuidv7 } from '@aisle/std';
import type { Access } from '../access.ts';
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

/** A schema of a test, as an app has it. */
export interface TestSchema {
  readonly schema: string;
  readonly migrations: readonly MigrationClass[];
  readonly access?: Access | undefined;
}

/** A fresh database with these schemas, migrated. Call `drop` in `afterAll`. */
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

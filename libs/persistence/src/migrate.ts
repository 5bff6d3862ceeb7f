import { escapeIdentifier as name } from 'pg';
import { DataSource } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantAccess, type Access } from './access.ts';
import { administer } from './administer.ts';
import { databaseAddress, withDatabase } from './database-url.ts';
import { ownerRole } from './prepare-database.ts';
import type { DatabaseUrls } from './prepare-database.ts';
import { checkedSchema, startupSettings } from './session.ts';
import { silentLogger } from './silent-logger.ts';

/** A TypeORM migration; its class name ends with a timestamp of 13 digits, by which they are ordered. */
export type MigrationClass = new () => MigrationInterface;

/** The schema of one app, and all its migrations. */
export interface MigrateOptions extends DatabaseUrls {
  readonly schema: string;
  /** Listed, never globbed. A migration that has run is never edited; a later one corrects it. */
  readonly migrations: readonly MigrationClass[];
  /** All that the app may do in the schema; without it, what `prepareDatabase` and the migrations leave to it. */
  readonly access?: Access | undefined;
}

/**
 * Runs what has not run yet, each migration in a transaction, as the owner of the schema, which is also
 * the search path; the migrations table lives in the schema itself. One process at a time: others wait
 * and find nothing left. Returns the names of what ran. Needs `prepareDatabase` first.
 * Without migrations it only grants access, in a schema that another app migrates; throws
 * `DatabaseFailure.schemaNotMigrated` before that has.
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const app = databaseAddress(options.appUrl);
  const schema = checkedSchema(options.schema);
  const url = withDatabase(options.adminUrl, app.database);
  return administer(url, 'database', async () => {
    const dataSource = await migrationSource(url, schema, app.role, options.migrations).initialize();
    try {
      const { migrations, access } = options;
      const done = migrations.length === 0 ? [] : await dataSource.runMigrations({ transaction: 'each' });
      if (access) await grantAccess(dataSource, { schema, login: app.role, access });
      else if (migrations.length > 0) await dataSource.query(`REVOKE INSERT, UPDATE, DELETE ON migrations FROM ${name(app.role)}`);
      return done.map((migration) => migration.name);
    } finally {
      await dataSource.destroy();
    }
  });
}

/** Inside a migration: the app's role, quoted, to grant to it or to revoke from it. */
export async function appRole(runner: QueryRunner): Promise<string> {
  const rows = await runner.query(`SELECT quote_ident(current_setting('aisle.app_role')) AS role`);
  return (rows as [{ role: string }])[0].role;
}

function migrationSource(
  url: string, schema: string, role: string, migrations: readonly MigrationClass[],
): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    schema,
    migrations: [...migrations],
    migrationsTableName: 'migrations',
    poolSize: 1,
    synchronize: false,
    installExtensions: false,
    logger: silentLogger,
    extra: {
      application_name: 'aisle-migrate',
      connectionTimeoutMillis: 5_000,
      // A change of tables that waits behind a long query would stop everybody who comes after it.
      lock_timeout: 10_000,
      options: startupSettings({
        role: ownerRole,
        search_path: schema,
        'aisle.app_role': role,
      }),
    },
  });
}

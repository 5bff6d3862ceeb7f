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

/** A TypeORM migration. Its class name ends with a timestamp of 13 digits, which orders the migrations. */
export type MigrationClass = new () => MigrationInterface;

/** The schema of one app, its migrations, and the app's rights in it. */
export interface MigrateOptions extends DatabaseUrls {
  readonly schema: string;
  /** All migrations of the schema, listed and not globbed. A migration that has run is never edited; a later one corrects it. */
  readonly migrations: readonly MigrationClass[];
  /** The rights of the app in the schema. Without it, the app has the rights that `prepareDatabase` and the migrations grant. */
  readonly access?: Access | undefined;
}

/**
 * Runs the migrations that have not run yet and returns their names. Needs `prepareDatabase` first.
 *
 * Each migration runs in a transaction, as the owner of the schema, with the schema as its search path. The `migrations` table is
 * in the schema, too. One process migrates at a time; others wait, and then find nothing left to do.
 *
 * Without migrations it only grants access, in a schema that another app migrates. Throws `DatabaseFailure.schemaNotMigrated` if that app has not
 * migrated it yet, `DatabaseFailure.unavailable` or `DatabaseFailure.urlInvalid`.
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

/** The quoted name of the app's role, for GRANT and REVOKE inside a migration. */
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
      // A change of a table that waits behind a long query blocks every later query of that table.
      lock_timeout: 10_000,
      options: startupSettings({
        role: ownerRole,
        search_path: schema,
        'aisle.app_role': role,
      }),
    },
  });
}

import { escapeIdentifier as name } from 'pg';
import { assert } from '@aisle/std';
import { DatabaseFailure } from './database-failures.ts';

/** Privileges in one schema. A lib declares those that its own tables need. */
export interface Rights {
  /** Privileges by table, such as `SELECT, INSERT` or `SELECT, UPDATE (validated, retired)`. */
  readonly tables: Readonly<Record<string, string>>;
  /** Names of functions that may be called. */
  readonly functions?: readonly string[] | undefined;
}

/** The rights of one app in a schema. Anything that is not listed is forbidden. */
export interface Access {
  /** The app, in lower-case letters, digits and `-`. */
  readonly app: string;
  readonly rights: readonly Rights[];
}

/**
 * The name of the NOLOGIN role that holds an app's rights. The app's login role is a member of it; a login that two apps share is
 * a member of both.
 */
export function rightsRole(app: string): string {
  assert(/^[a-z][a-z0-9-]{0,40}$/.test(app), `app name of [a-z0-9-]: ${app}`);
  return `aisle_${app.replaceAll('-', '_')}_rights`;
}

const PRIVILEGES = /^(SELECT|INSERT|UPDATE( \([a-z_, ]+\))?|DELETE)(, (SELECT|INSERT|UPDATE( \([a-z_, ]+\))?|DELETE))*$/;
const NOT_THERE: ReadonlySet<unknown> = new Set(['3F000', '42P01', '42703', '42883']);

/**
 * Grants an app exactly the rights of its `access` in a schema and revokes all others, in one transaction. Throws
 * `DatabaseFailure.schemaNotMigrated` if a table, column or function does not exist yet.
 */
export async function grantAccess(
  client: { query(sql: string): Promise<unknown> }, { schema, login, access: { app, rights } }: { schema: string; login: string; access: Access },
): Promise<void> {
  const role = name(rightsRole(app));
  const statements = [
    ...['TABLES', 'SEQUENCES', 'FUNCTIONS'].flatMap((what) => [
      `REVOKE ALL ON ALL ${what} IN SCHEMA ${schema} FROM ${role}`, `REVOKE ALL ON ALL ${what} IN SCHEMA ${schema} FROM ${name(login)}`,
    ]),
    ...rights.flatMap(({ tables }) => Object.entries(tables)).map(([table, privileges]) => {
      assert(PRIVILEGES.test(privileges), `privileges on ${table}: ${privileges}`);
      return `GRANT ${privileges} ON ${schema}.${name(table)} TO ${role}`;
    }),
    ...rights.flatMap(({ functions = [] }) => functions).map((called) => `GRANT EXECUTE ON FUNCTION ${schema}.${name(called)} TO ${role}`),
  ];
  try {
    // PostgreSQL runs several statements of one message in one transaction.
    await client.query(statements.join(';\n'));
  } catch (error) {
    throw NOT_THERE.has((error as { code?: unknown }).code) ? DatabaseFailure.schemaNotMigrated(schema, (error as Error).message) : error;
  }
}

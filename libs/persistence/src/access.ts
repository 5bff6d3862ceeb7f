import { escapeIdentifier as name } from 'pg';
import { assert } from '@aisle/std';
import { DatabaseFailure } from './database-failures.ts';

/** Privileges in one schema; a lib declares those that it needs on its own tables. */
export interface Rights {
  /** Privileges by table, such as `SELECT, INSERT` or `SELECT, UPDATE (validated, retired)`. */
  readonly tables: Readonly<Record<string, string>>;
  /** Functions that may be called. */
  readonly functions?: readonly string[] | undefined;
}

/** All that one app may do in a schema. Whatever is not listed, it may not. */
export interface Access {
  /** The app, in lower-case letters, digits and `-`. */
  readonly app: string;
  readonly rights: readonly Rights[];
}

/**
 * The NOLOGIN role that has the rights of an app, and of which the app's own role is a member. Two apps that share one
 * login are members of both.
 */
export function rightsRole(app: string): string {
  assert(/^[a-z][a-z0-9-]{0,40}$/.test(app), `app name of [a-z0-9-]: ${app}`);
  return `aisle_${app.replaceAll('-', '_')}_rights`;
}

const PRIVILEGES = /^(SELECT|INSERT|UPDATE( \([a-z_, ]+\))?|DELETE)(, (SELECT|INSERT|UPDATE( \([a-z_, ]+\))?|DELETE))*$/;
const NOT_THERE: ReadonlySet<unknown> = new Set(['3F000', '42P01', '42703', '42883']);

/** Gives an app exactly what its access says in a schema, in one transaction. Throws `DatabaseFailure.schemaNotMigrated`. */
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
    // One message of several statements is one transaction.
    await client.query(statements.join(';\n'));
  } catch (error) {
    throw NOT_THERE.has((error as { code?: unknown }).code) ? DatabaseFailure.schemaNotMigrated(schema, (error as Error).message) : error;
  }
}

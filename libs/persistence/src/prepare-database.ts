import { escapeIdentifier as name, escapeLiteral as literal } from 'pg';
import type { Client } from 'pg';
import { rightsRole, type Access } from './access.ts';
import { administer } from './administer.ts';
import { DatabaseFailure } from './database-failures.ts';
import { databaseAddress, withDatabase } from './database-url.ts';
import type { DatabaseAddress } from './database-url.ts';
import { checkedSchema } from './session.ts';

/** The role that owns every schema and table. Nobody logs in as it. */
export const ownerRole = 'aisle_owner';
/** The role that owns functions with more rights than the app, such as pruning. Nobody logs in as it. */
export const maintenanceRole = 'aisle_maintenance';

/** URLs of one database for two roles: its administrator and the app. */
export interface DatabaseUrls {
  /** A role that may create roles and databases, and any existing database of the server to connect to. */
  readonly adminUrl: string;
  /** The app's role, its password, and its database. */
  readonly appUrl: string;
}

/**
 * Creates the database of `appUrl`, its two NOLOGIN roles, the app's role with its password, and the schema, as far as they do not
 * exist. It is idempotent, and several processes may run it at once.
 *
 * With `access`, the app's role gets the rights that `migrate` grants to the app. Without it, the app may read and write all tables
 * that are created in the schema later, and a migration narrows that.
 *
 * Throws `DatabaseFailure.unavailable`, `DatabaseFailure.urlInvalid` or `DatabaseFailure.appRolePrivileged`.
 */
export async function prepareDatabase(options: DatabaseUrls & { schema: string; access?: Access | undefined }): Promise<void> {
  const app = databaseAddress(options.appUrl);
  const schema = checkedSchema(options.schema);
  await administer(options.adminUrl, 'server', async (admin) => {
    await createRoles(admin, app, databaseAddress(options.adminUrl).role);
    if (options.access) await createRightsRole(admin, options.access, app.role);
    await createDatabase(admin, app);
    await administer(withDatabase(options.adminUrl, app.database), 'database', async (inside) => {
      await createSchema(inside, schema);
      if (options.access) await admitToSchema(inside, schema, app.role, options.access);
      else await openSchema(inside, schema, app.role);
    });
  });
}

async function createRoles(admin: Client, app: DatabaseAddress, adminRole: string): Promise<void> {
  const { rows } = await admin.query<{ rolname: string; rolsuper: boolean }>(
    'SELECT rolname, rolsuper FROM pg_roles WHERE rolname = ANY ($1)',
    [[ownerRole, maintenanceRole, app.role, adminRole]],
  );
  const known = new Map(rows.map((row) => [row.rolname, row.rolsuper]));
  if ([adminRole, ownerRole, maintenanceRole].includes(app.role) || known.get(app.role)) {
    throw DatabaseFailure.appRolePrivileged(app.role);
  }
  for (const role of [ownerRole, maintenanceRole]) {
    if (!known.has(role)) await admin.query(`CREATE ROLE ${name(role)} NOLOGIN`);
  }
  // An administrator who is not a superuser can act for the owner only as its member.
  if (!known.get(adminRole)) await admin.query(`GRANT ${name(ownerRole)} TO CURRENT_USER`);
  await admin.query(`GRANT ${name(maintenanceRole)} TO ${name(ownerRole)}`);
  const verb = known.has(app.role) ? 'ALTER' : 'CREATE';
  await admin.query(`${verb} ROLE ${name(app.role)} LOGIN PASSWORD ${literal(app.password)}`);
}

async function createDatabase(admin: Client, app: DatabaseAddress): Promise<void> {
  const found = await admin.query('SELECT 1 FROM pg_database WHERE datname = $1', [app.database]);
  if (found.rowCount === 0) {
    await admin.query(`CREATE DATABASE ${name(app.database)} OWNER ${name(ownerRole)} TEMPLATE template0`);
  }
  await admin.query(`REVOKE ALL ON DATABASE ${name(app.database)} FROM PUBLIC`);
  await admin.query(`GRANT CONNECT ON DATABASE ${name(app.database)} TO ${name(app.role)}`);
}

async function createRightsRole(admin: Client, { app }: Access, login: string): Promise<void> {
  const role = rightsRole(app);
  const found = await admin.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  if (found.rowCount === 0) await admin.query(`CREATE ROLE ${name(role)} NOLOGIN`);
  await admin.query(`GRANT ${name(role)} TO ${name(login)}`);
}

async function createSchema(inside: Client, schema: string): Promise<void> {
  const owner = name(ownerRole);
  await inside.query(`CREATE SCHEMA IF NOT EXISTS ${schema} AUTHORIZATION ${owner}`);
  await inside.query(`GRANT USAGE ON SCHEMA ${schema} TO ${name(maintenanceRole)}`);
  // A migration grants each function to its callers; by default, everybody could call it.
  await inside.query(`ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`);
}

/**
 * Lets the app use the schema; `migrate` grants the rights on each table. Revokes defaults that an earlier version granted to the
 * login.
 */
async function admitToSchema(inside: Client, schema: string, login: string, { app }: Access): Promise<void> {
  await inside.query(`GRANT USAGE ON SCHEMA ${schema} TO ${name(rightsRole(app))}`);
  const later = `ALTER DEFAULT PRIVILEGES FOR ROLE ${name(ownerRole)} IN SCHEMA ${schema} REVOKE ALL ON`;
  await inside.query(`${later} TABLES FROM ${name(login)}`);
  await inside.query(`${later} SEQUENCES FROM ${name(login)}`);
}

async function openSchema(inside: Client, schema: string, login: string): Promise<void> {
  await inside.query(`GRANT USAGE ON SCHEMA ${schema} TO ${name(login)}`);
  const later = `ALTER DEFAULT PRIVILEGES FOR ROLE ${name(ownerRole)} IN SCHEMA ${schema} GRANT`;
  await inside.query(`${later} SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${name(login)}`);
  await inside.query(`${later} USAGE ON SEQUENCES TO ${name(login)}`);
}

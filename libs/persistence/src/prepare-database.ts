import { escapeIdentifier as name, escapeLiteral as literal } from 'pg';
import type { Client } from 'pg';
import { rightsRole, type Access } from './access.ts';
import { administer } from './administer.ts';
import { DatabaseFailure } from './database-failures.ts';
import { databaseAddress, withDatabase } from './database-url.ts';
import type { DatabaseAddress } from './database-url.ts';
import { checkedSchema } from './session.ts';

/** Owns every schema and table; nobody logs in as it. */
export const ownerRole = 'aisle_owner';
/** Owns the functions that may do what the app may not, such as pruning; nobody logs in as it. */
export const maintenanceRole = 'aisle_maintenance';

/** One database seen by two roles: its administrator and the app. */
export interface DatabaseUrls {
  /** A role that may create roles and databases, and any database of the server to connect to first. */
  readonly adminUrl: string;
  /** The app's own role and password, and the database it lives in. */
  readonly appUrl: string;
}

/**
 * Makes the database of `appUrl`, its two NOLOGIN roles, the app's role with its password, and the
 * schema. With `access`, the app's role gets the rights that `migrate` grants to the app. Without, it may use the schema and
 * read and write rows of tables made there later; a migration narrows that. Idempotent, and safe when several processes run it at once. Throws
 * `DatabaseFailure.unavailable`, `DatabaseFailure.urlInvalid`, `DatabaseFailure.appRolePrivileged`.
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
  // An administrator who is no superuser acts for the owner only as its member.
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
  // Functions are for whom a migration grants them, not for everybody.
  await inside.query(`ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC`);
}

/** Rights on each table are `migrate`'s to grant; what an earlier version gave to the login for later tables is taken back. */
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

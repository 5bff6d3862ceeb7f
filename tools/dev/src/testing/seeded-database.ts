import { Client, escapeIdentifier as name } from 'pg';
import { roleOf } from '../launcher/app-database.ts';

/** Any number. The maker of a template holds its advisory lock. */
const MAKING = 0x616c_7465;
const PASSWORD = 'e2e';

/**
 * A database with every app's schemas and the seed, which is copied for each system: a copy takes a moment, migrations
 * take seconds.
 */
export interface Template {
  readonly name: string;
  /** The app's URL of a copy. */
  urlOf(app: string, database: string): string;
}

/**
 * The template of these sources on this server. `migrate` fills a new one, with URLs for each app. Templates of other
 * sources are deleted.
 */
export async function ensureTemplate(
  adminUrl: string, digest: string, migrate: (urlOf: (app: string) => string) => Promise<void>,
): Promise<Template> {
  const template = `aisle_e2e_template_${digest}`;
  const draft = `${template}_draft`;
  const urlOf = (app: string, database: string): string => {
    const url = new URL(adminUrl);
    [url.pathname, url.username, url.password] = [`/${database}`, roleOf(template, app), PASSWORD];
    return url.toString();
  };
  await withAdmin(adminUrl, async (admin) => {
    await admin.query('SELECT pg_advisory_lock($1)', [MAKING]);
    const { rows } = await admin.query<{ datname: string }>("SELECT datname FROM pg_database WHERE datname LIKE 'aisle\\_e2e\\_template\\_%'");
    if (rows.some(({ datname }) => datname === template)) return;
    for (const { datname } of rows) await admin.query(`DROP DATABASE ${name(datname)} WITH (FORCE)`);
    await migrate((app) => urlOf(app, draft));
    await admin.query(`ALTER DATABASE ${name(draft)} RENAME TO ${name(template)}`);
  });
  return { name: template, urlOf };
}

/** Creates a database as a copy of the template, to which its apps may connect. */
export async function copyTemplate(adminUrl: string, { name: template }: Template, database: string, apps: readonly string[]): Promise<void> {
  await withAdmin(adminUrl, async (admin) => {
    await admin.query(`CREATE DATABASE ${name(database)} TEMPLATE ${name(template)}`);
    await admin.query(`REVOKE ALL ON DATABASE ${name(database)} FROM PUBLIC`);
    for (const app of apps) await admin.query(`GRANT CONNECT ON DATABASE ${name(database)} TO ${name(roleOf(template, app))}`);
  });
}

export async function dropDatabase(adminUrl: string, database: string): Promise<void> {
  await withAdmin(adminUrl, (admin) => admin.query(`DROP DATABASE IF EXISTS ${name(database)} WITH (FORCE)`));
}

async function withAdmin(url: string, work: (admin: Client) => Promise<unknown>): Promise<void> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.end();
  }
}

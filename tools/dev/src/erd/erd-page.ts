import { randomUUID } from 'node:crypto';
import { Client, escapeIdentifier as name } from 'pg';
import { ensureInfra } from '../infra/ensure.ts';
import { run } from '../process/run.ts';
import { sourceArgs, workspaceRoot } from '../workspace.ts';
import { renderErd } from './render-erd.ts';
import { readTables } from './tables.ts';

const MIGRATE = 'tools/workspace/src/monolith/migrate.ts';

/** The content of docs/erd.md, from a database with the migrations of all apps. */
export async function erdPage(): Promise<string> {
  const infra = await ensureInfra({ needs: ['postgres'] });
  const unique = `aisle_erd_${randomUUID().replaceAll('-', '')}`;
  const appUrl = Object.assign(new URL(infra.adminDatabaseUrl), { username: unique, password: unique, pathname: `/${unique}` });
  try {
    const env = { ...process.env, DATABASE_ADMIN_URL: infra.adminDatabaseUrl, DATABASE_URL: appUrl.href, INSTANCE: 'erd' };
    await run(process.execPath, sourceArgs(MIGRATE), { cwd: workspaceRoot, env });
    const url = new URL(infra.adminDatabaseUrl);
    url.pathname = `/${unique}`;
    return renderErd(await asAdmin(url.href, readTables));
  } finally {
    await asAdmin(infra.adminDatabaseUrl, async (admin) => {
      await admin.query(`DROP DATABASE IF EXISTS ${name(unique)} WITH (FORCE)`);
      await admin.query(`DROP ROLE IF EXISTS ${name(unique)}`);
    });
    await infra.release();
  }
}

async function asAdmin<T>(url: string, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client(url);
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

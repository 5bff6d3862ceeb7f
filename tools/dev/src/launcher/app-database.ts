import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPS, APP_NAMES } from '../app-list.ts';

/**
 * An app's database URL: the administrator's server, database `aisle`, the app's own role such as `aisle_orders`, and a
 * random password that stays in the data folder. All apps in one process share the role `aisle_app`.
 */
export function appDatabaseUrl(adminDatabaseUrl: string, dataDir: string, app = 'app'): string {
  const url = new URL(adminDatabaseUrl);
  url.pathname = '/aisle';
  url.username = roleOf('aisle', app);
  url.password = passwordIn(dataDir);
  return url.toString();
}

/** Settings for a migration of all apps at once: the role of each. */
export function roleSettings(adminDatabaseUrl: string, dataDir: string): Record<string, string> {
  const settings = APP_NAMES.filter((app) => APPS[app].hasTables).map((app): [string, string] => [
    urlSetting(app), appDatabaseUrl(adminDatabaseUrl, dataDir, app),
  ]);
  return Object.fromEntries(settings);
}

/** The variable with one app's URL, for a migration of all apps. */
export function urlSetting(app: string): string {
  return `DATABASE_URL_${app.toUpperCase().replaceAll('-', '_')}`;
}

/** The role of an app of a system. */
export function roleOf(system: string, app: string): string {
  return `${system}_${app.replaceAll('-', '_')}`;
}

/** Created only if missing: the first of several processes wins, and all read the same. */
function passwordIn(dataDir: string): string {
  const path = join(dataDir, 'app-password');
  mkdirSync(dataDir, { recursive: true });
  try {
    writeFileSync(path, randomBytes(18).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(path, 'utf8');
}

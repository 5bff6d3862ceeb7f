import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where the apps find their database: the server of the administrator's URL, database `aisle`, role
 * `aisle_app`, and a password that was made up once and stays in the data folder.
 */
export function appDatabaseUrl(adminDatabaseUrl: string, dataDir: string): string {
  const url = new URL(adminDatabaseUrl);
  url.pathname = '/aisle';
  url.username = 'aisle_app';
  url.password = passwordIn(dataDir);
  return url.toString();
}

/** Made only when there is none: the first of several processes wins, and all read the same. */
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

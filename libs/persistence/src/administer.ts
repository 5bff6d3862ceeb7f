import { Client } from 'pg';
import { databaseAddress } from './database-url.ts';
import { asDatabaseError } from './unavailable.ts';

// The two keys of an advisory lock: 'aisl' in ASCII, and the guarded scope. Locks are taken in the order of the scopes.
const FAMILY = 0x6169736c;
const GUARDED = { server: 1, database: 2 };

/**
 * Runs `work` on an administrator's connection that holds an advisory lock. The lock of `server` guards the roles and databases of the
 * server; the lock of `database` guards the contents of this one database. Other processes wait for it. It ends with the connection,
 * so a killed process leaves none. Throws `DatabaseFailure.unavailable` or `DatabaseFailure.urlInvalid`.
 */
export async function administer<T>(
  url: string,
  guarded: keyof typeof GUARDED,
  work: (admin: Client) => Promise<T>,
): Promise<T> {
  databaseAddress(url);
  const admin = new Client({
    connectionString: url,
    application_name: 'aisle-migrate',
    connectionTimeoutMillis: 5_000,
  });
  // If the connection is cut between two statements, the next statement reports it.
  admin.on('error', () => {});
  try {
    await admin.connect();
    await admin.query('SELECT pg_advisory_lock($1, $2)', [FAMILY, GUARDED[guarded]]);
    return await work(admin);
  } catch (error) {
    throw asDatabaseError(url, error);
  } finally {
    await admin.end();
  }
}

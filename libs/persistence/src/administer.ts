import { Client } from 'pg';
import { databaseAddress } from './database-url.ts';
import { namingDatabase } from './unavailable.ts';

// The two keys of an advisory lock: 'aisl', and what it guards. Always taken in this order.
const FAMILY = 0x6169736c;
const GUARDED = { server: 1, database: 2 };

/**
 * Runs `work` on an administrator's connection that holds an advisory lock on the server's roles and
 * databases, or on what is inside this one database: whoever else wants the same waits. The lock goes
 * with the connection, so a killed process leaves none.
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
  // A connection cut between two statements shows in the next one.
  admin.on('error', () => {});
  try {
    await admin.connect();
    await admin.query('SELECT pg_advisory_lock($1, $2)', [FAMILY, GUARDED[guarded]]);
    return await work(admin);
  } catch (error) {
    throw namingDatabase(url, error);
  } finally {
    await admin.end();
  }
}

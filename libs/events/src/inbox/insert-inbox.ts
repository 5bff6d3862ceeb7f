import { rowsOf } from '../sql-client.ts';
import type { SqlClient } from '../sql-client.ts';

// Sorted, so that two transactions with the same events wait for each other instead of deadlocking.
const INSERT = `
  INSERT INTO inbox (consumer, id) SELECT $1, id FROM unnest($2::text[]) AS given (id) ORDER BY id
  ON CONFLICT DO NOTHING RETURNING id`;

/**
 * Records in the caller's transaction that these events take effect in it. Returns the ids of new events; the others
 * are redeliveries, to be skipped. One statement for the whole batch.
 */
export async function insertInbox(
  client: SqlClient, consumer: string, ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const rows = rowsOf<{ id: string }>(await client.query(INSERT, [consumer, [...ids]]));
  return new Set(rows.map(({ id }) => id));
}

const PRUNE = `
  DELETE FROM inbox WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM inbox WHERE at < now() - $1 * interval '1 millisecond' LIMIT $2)) RETURNING 1`;

/**
 * Deletes events that were recorded longer ago, up to `limit`, and returns their number. A dead letter that is redriven
 * after that counts as new.
 */
export async function pruneInbox(client: SqlClient, olderThanMs: number, limit: number): Promise<number> {
  const answer = await client.query(PRUNE, [olderThanMs, limit]);
  // TypeORM answers a DELETE with its rows and their count.
  const rows = Array.isArray(answer) ? (answer as [unknown[], number])[0] : rowsOf(answer);
  return rows.length;
}

import { DataRefused, dataRefusal, unavailableReason } from '@aisle/persistence';
import { failures } from '@aisle/std';
import type { Pool, QueryResultRow } from 'pg';

/** Failures of the store. */
export const StoreFailure = failures('store', {
  /** PostgreSQL is away. A write may have happened; a retry under the same id finds out. */
  unavailable: ['unavailable', 'the store is unavailable', (reason: string) => ({ reason, retryAfterMs: 1_000 })],
});

/** Runs one statement and returns its rows. Throws `StoreFailure.unavailable`, or `DataRefused` for this data; any other error is a bug. */
export async function queryStore<R extends QueryResultRow>(
  pool: Pool, sql: string, values: readonly unknown[],
): Promise<R[]> {
  try {
    return (await pool.query<R>(sql, [...values])).rows;
  } catch (error) {
    const reason = unavailableReason(error);
    if (reason !== undefined) throw StoreFailure.unavailable(reason).causedBy(error);
    const refusal = dataRefusal(error);
    throw refusal ? new DataRefused(refusal) : error;
  }
}

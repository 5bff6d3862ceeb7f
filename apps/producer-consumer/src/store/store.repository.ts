import { DataRefused, dataRefusal, unavailableReason } from '@aisle/persistence';
import { Failure } from '@aisle/std';
import type { Pool, QueryResultRow } from 'pg';

/** PostgreSQL is away. What was being written may be there; the same again, under the same id, finds out. */
export class StoreUnavailable extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'store.unavailable';
  constructor(reason: string, override readonly cause: unknown) {
    super('the store is away', { reason, retryAfterMs: 1_000 });
  }
}

/** Runs one statement and returns its rows. Throws `StoreUnavailable`, or `DataRefused` for this data; any other error is a bug. */
export async function queryStore<R extends QueryResultRow>(
  pool: Pool, sql: string, values: readonly unknown[],
): Promise<R[]> {
  try {
    return (await pool.query<R>(sql, [...values])).rows;
  } catch (error) {
    const reason = unavailableReason(error);
    if (reason !== undefined) throw new StoreUnavailable(reason, error);
    const refusal = dataRefusal(error);
    throw refusal ? new DataRefused(refusal) : error;
  }
}

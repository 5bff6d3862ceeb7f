import { createDataSource, type PoolOptions } from '@aisle/persistence';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { MarketRow } from './market.row.ts';
import { MovementRow } from './movement.row.ts';
import { ReservationRow } from './reservation.row.ts';

/** The tables, and how long a start waits for them: on a busy machine the first connection takes a while. */
export const ROWS = { connectTimeoutMs: 30_000, entities: [MarketRow, ReservationRow, MovementRow] };

/** The pool behind opened rows; a request that waits longer for a connection from now on is told to come again. */
export function poolBehind(database: DataSource, waitMs: number | undefined): Pool {
  const { master } = database.driver as unknown as { readonly master: Pool };
  if (waitMs !== undefined) master.options.connectionTimeoutMillis = waitMs;
  return master;
}

/** Opens the rows for reading, and shows the pool behind them. Throws `DatabaseFailure.unavailable`. */
export async function openRows(options: PoolOptions): Promise<{ database: DataSource; pool: Pool }> {
  const database = await createDataSource({ ...options, ...ROWS });
  return { database, pool: poolBehind(database, options.connectTimeoutMs) };
}

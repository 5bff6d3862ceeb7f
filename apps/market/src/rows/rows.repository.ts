import { createDataSource, type PoolOptions } from '@aisle/persistence';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { MarketRow } from './market.row.ts';
import { MovementRow } from './movement.row.ts';
import { ReservationRow } from './reservation.row.ts';

const START_WITHIN_MS = 30_000;

/** Opens the rows for reading, and shows the pool behind them. Throws `DatabaseUnavailable`. */
export async function openRows(options: PoolOptions): Promise<{ database: DataSource; pool: Pool }> {
  // A start has time, and on a busy machine its first connection takes some; only a request is told to come again.
  const database = await createDataSource({ ...options, connectTimeoutMs: START_WITHIN_MS, entities: [MarketRow, ReservationRow, MovementRow] });
  const { master } = database.driver as unknown as { readonly master: Pool };
  if (options.connectTimeoutMs !== undefined) master.options.connectionTimeoutMillis = options.connectTimeoutMs;
  return { database, pool: master };
}

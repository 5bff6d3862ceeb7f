import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import type { EntitySchema } from 'typeorm';
import { namingDatabase } from './unavailable.ts';
import { sessionConfig } from './session.ts';
import { silentLogger } from './silent-logger.ts';
import type { SessionOptions } from './session.ts';

export interface PoolOptions extends SessionOptions {
  /** Most connections of this pool. Small: every node of every app holds some of the server's 100. */
  readonly poolMax: number;
  /** Told when an idle connection is cut. The pool replaces it by itself. */
  readonly onConnectionLost?: ((error: Error) => void) | undefined;
}

export interface DataSourceOptions extends PoolOptions {
  /** Row classes or entity schemas of the tables that are read through TypeORM; listed, because a glob finds nothing in a bundle. */
  readonly entities?: readonly (EntitySchema | (new () => object))[];
}

/**
 * A connected TypeORM data source for rows, in one schema. It never changes the schema: `migrate`
 * does. Throws `DatabaseFailure.unavailable` or `DatabaseFailure.urlInvalid`.
 */
export async function createDataSource(options: DataSourceOptions): Promise<DataSource> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: options.url,
    schema: options.schema,
    entities: [...(options.entities ?? [])],
    poolSize: options.poolMax,
    synchronize: false,
    installExtensions: false,
    logger: silentLogger,
    poolErrorHandler: options.onConnectionLost ?? ignore,
    extra: sessionConfig(options),
  });
  try {
    await dataSource.initialize();
  } catch (error) {
    throw namingDatabase(options.url, error);
  }
  heedConnections((dataSource.driver as unknown as { readonly master: Pool }).master);
  return dataSource;
}

/**
 * A bare `pg` pool with the same session settings, for the few paths that are too hot for an ORM. It
 * connects at the first query; `namingDatabase` makes a failure of what that throws.
 */
export function createPool(options: PoolOptions): Pool {
  const pool = new Pool({ ...sessionConfig(options), max: options.poolMax });
  pool.on('error', options.onConnectionLost ?? ignore);
  heedConnections(pool);
  return pool;
}

// A connection that is cut while it is taken out says so in its query as well; without a listener the event would end the
// process. When it is taken, since TypeORM's first connection is older than this, and never counted: the pool's own
// listener is still there at that moment, and goes right after it.
function heedConnections(pool: Pool): void {
  const heeded = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => {
    if (heeded.has(client)) return;
    heeded.add(client);
    client.on('error', ignore);
  });
}

function ignore(): void {}

import { Pool } from 'pg';
import type { PoolClient } from 'pg';
import { DataSource } from 'typeorm';
import type { EntitySchema } from 'typeorm';
import { asDatabaseError } from './unavailable.ts';
import { sessionConfig } from './session.ts';
import { silentLogger } from './silent-logger.ts';
import type { SessionOptions } from './session.ts';

/** A pool of connections with the same settings. */
export interface PoolOptions extends SessionOptions {
  /** The most connections of this pool. Keep it small: the server allows 100 for all nodes of all apps. */
  readonly poolMax: number;
  /** Called when an idle connection is cut. The pool replaces it by itself. */
  readonly onConnectionLost?: ((error: Error) => void) | undefined;
}

/** A TypeORM data source and its pool. */
export interface DataSourceOptions extends PoolOptions {
  /**
   * Row classes or entity schemas of the tables that are read through TypeORM. They are listed, because a glob finds no files in
   * a bundle.
   */
  readonly entities?: readonly (EntitySchema | (new () => object))[];
}

/**
 * Creates a connected TypeORM data source for the rows of one schema. It never changes the schema; only `migrate` does. Throws
 * `DatabaseFailure.unavailable` or `DatabaseFailure.urlInvalid`.
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
    throw asDatabaseError(options.url, error);
  }
  ignoreCutConnections((dataSource.driver as unknown as { readonly master: Pool }).master);
  return dataSource;
}

/**
 * Creates a plain `pg` pool with the same session settings, for the few paths that are too hot for an ORM. It connects at the first
 * query and throws errors of `pg`, which `asDatabaseError` translates. Throws `DatabaseFailure.urlInvalid`.
 */
export function createPool(options: PoolOptions): Pool {
  const pool = new Pool({ ...sessionConfig(options), max: options.poolMax });
  pool.on('error', options.onConnectionLost ?? ignore);
  ignoreCutConnections(pool);
  return pool;
}

// The query of a checked-out connection reports a cut. Its `error` event needs a listener all the same, or it ends the process.
// The listener is added at `acquire` and not at `connect`, because TypeORM's first connection is older than this call. A WeakSet
// remembers the clients: their listeners cannot be counted, since the pool's own listener is still there during `acquire`.
function ignoreCutConnections(pool: Pool): void {
  const listened = new WeakSet<PoolClient>();
  pool.on('acquire', (client) => {
    if (listened.has(client)) return;
    listened.add(client);
    client.on('error', ignore);
  });
}

function ignore(): void {}

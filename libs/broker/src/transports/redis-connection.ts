import { Redis } from 'ioredis';

/** What became of a connection: degraded but handled, so worth a warning and no more. */
export interface TransportEvent {
  /**
   * `silent`: a blocking pop was not answered in time, so the watchdog cuts the connection.
   * `refused`: Redis answered a pop with an error; it is tried again.
   */
  readonly kind: 'disconnected' | 'reconnected' | 'silent' | 'refused';
  /** `push`, or the queue that the connection pops from. */
  readonly connection: string;
  /** Why, where something said why. */
  readonly error?: unknown;
}

/** A connection was lost, or is back. */
export interface RedisConnectionEvent {
  readonly kind: 'disconnected' | 'reconnected';
  readonly connection: string;
  readonly error?: unknown;
}

export interface RedisConnectionOptions {
  readonly url: string;
  readonly onEvent?: ((event: RedisConnectionEvent) => void) | undefined;
  /** Stands before the connection's name in CLIENT LIST; `aisle-` unless given. */
  readonly namePrefix?: string;
}

/**
 * A connection that never gives up, and says so once when it is lost and once when it is back.
 * After reconnecting, ioredis sends unanswered commands again: a command may take effect twice.
 */
export function connectRedis(
  { url, onEvent = () => {}, namePrefix = 'aisle-' }: RedisConnectionOptions,
  connection: string,
  timeouts: { readonly commandTimeout?: number; readonly socketTimeout?: number } = {},
): Redis {
  const redis = new Redis(url, {
    connectionName: `${namePrefix}${connection}`,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(attempt * 50, 500),
    // A paused Redis does not answer the end of a connection either; don't wait for it.
    disconnectTimeout: 200,
    ...timeouts,
  });
  let isLost = false;
  let error: unknown;
  redis.on('error', (cause: unknown) => (error = cause));
  redis.on('reconnecting', () => {
    if (!isLost) onEvent({ kind: 'disconnected', connection, ...(error ? { error } : {}) });
    isLost = true;
  });
  redis.on('ready', () => {
    if (isLost) onEvent({ kind: 'reconnected', connection });
    isLost = false;
    error = undefined;
  });
  return redis;
}

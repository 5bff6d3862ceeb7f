import { Redis } from 'ioredis';

/** A change of a connection's state. It is degraded but handled, so log it as a warning. */
export interface TransportEvent {
  /**
   * `silent`: a blocking pop was not answered in time, so the watchdog cuts the connection. `refused`: Redis answered a
   * pop with an error, and the pop is repeated.
   */
  readonly kind: 'disconnected' | 'reconnected' | 'silent' | 'refused';
  /** `push`, or the queue of the popping connection. */
  readonly connection: string;
  /** The cause, if one is known. */
  readonly error?: unknown;
}

/** A connection was lost or restored. */
export interface RedisConnectionEvent {
  readonly kind: 'disconnected' | 'reconnected';
  readonly connection: string;
  readonly error?: unknown;
}

export interface RedisConnectionOptions {
  readonly url: string;
  readonly onEvent?: ((event: RedisConnectionEvent) => void) | undefined;
  /** The prefix of the connection's name in CLIENT LIST; `aisle-` by default. */
  readonly namePrefix?: string;
}

/**
 * A connection that reconnects for ever. It reports one event when it is lost and one when it is back. After a
 * reconnect ioredis repeats unanswered commands, so a command may take effect twice.
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
    // A paused Redis does not answer a disconnect either; do not wait for it.
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

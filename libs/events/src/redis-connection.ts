import { Redis } from 'ioredis';
import type { BackboneEvent } from './backbone/backbone.ts';

/** Where Redis is, and who is told of its connections. */
export interface RedisConnectionOptions {
  readonly url: string;
  readonly onEvent?: ((event: BackboneEvent) => void) | undefined;
}

/** A connection that never gives up, and says so once when it is lost and once when it is back. */
export function connectRedis(
  { url, onEvent = () => {} }: RedisConnectionOptions,
  connection: string,
  timeouts: { readonly commandTimeout?: number; readonly socketTimeout?: number } = {},
): Redis {
  const redis = new Redis(url, {
    // Shows in CLIENT LIST.
    connectionName: `aisle-events-${connection}`,
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

import { connectRedis } from '@aisle/broker';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterAbstract } from 'rate-limiter-flexible';
import type { z } from 'zod';
import type { BaseConfig } from './config.ts';
import { errorFields, type Logger } from './telemetry/logger.ts';

/** The count of a key in its window. */
export interface WindowCount {
  readonly count: number;
  /** The time until the window ends, and the count is 0 again. */
  readonly endsInMs: number;
}

/** Counts by key in windows of equal length. The first count of a key begins its window. */
export interface WindowCounter {
  /** Adds to the count of a key, which all processes share. It never rejects. */
  add(key: string, amount: number): Promise<WindowCount>;
  close(): Promise<void>;
}

/** A Redis that does not answer within this time counts as away. */
const WITHIN_MS = 1_000;

/** Counts in Redis. While Redis is away, the process counts by itself, as if no other had counted. */
export function redisCounter(
  { config, logger }: { readonly config: z.infer<typeof BaseConfig>; readonly logger: Logger }, windowS: number,
): WindowCounter {
  const redis = connectRedis({
    url: config.REDIS_URL,
    onEvent: ({ kind, error }) => logger.warn(`counter connection ${kind}`, error ? errorFields(error) : {}),
  }, 'counter', { commandTimeout: WITHIN_MS });
  const limiter = new RateLimiterRedis({
    ...optionsOf(windowS), storeClient: redis, keyPrefix: `${config.REDIS_KEY_PREFIX}:count`, rejectIfRedisNotReady: true,
    insuranceLimiter: new RateLimiterMemory(optionsOf(windowS)),
  });
  return counterOf(limiter, () => redis.disconnect());
}

/** Counts in this process. */
export function memoryCounter(windowS: number): WindowCounter {
  return counterOf(new RateLimiterMemory(optionsOf(windowS)), () => undefined);
}

function counterOf(limiter: RateLimiterAbstract, close: () => void): WindowCounter {
  return {
    async add(key, amount) {
      const { consumedPoints: count, msBeforeNext: endsInMs } = await limiter.consume(key, amount);
      return { count, endsInMs };
    },
    close: async () => close(),
  };
}

/** Nothing is refused here: the caller compares the count with a limit of its own. */
function optionsOf(windowS: number): { readonly points: number; readonly duration: number } {
  return { points: Number.MAX_SAFE_INTEGER, duration: windowS };
}

import type { Runtime, Timer } from '@aisle/std';
import type { Redis } from 'ioredis';

import { BrokerFailure } from '../failures.ts';
import { TRANSPORT_DEFAULTS } from './transport.ts';
import type { ConsumeOptions, Consumer, OnFrame, Transport } from './transport.ts';
import { connectRedis } from './redis-connection.ts';
import type { TransportEvent } from './redis-connection.ts';
import { RedisConsumer } from './redis-consumer.ts';

/** The Redis server, and the bounds of the queues. */
export interface RedisTransportOptions {
  /** `redis://…` or `rediss://…`; Redis 7.0 or later, or Valkey. */
  url: string;
  runtime: Runtime;
  /** Precedes every key, outside its hash tag: `aisle:{queue}`. */
  keyPrefix?: string;
  /** A push to a queue of this length is refused. The same on every node. */
  queueFramesMax?: number;
  /** A queue without a consumer is dropped this long after its last push. */
  queueExpiryMs?: number;
  /** A push that Redis has not answered by then fails with `broker.unavailable`. */
  pushTimeoutMs?: number;
  /** Reports connections lost and restored. The transport recovers by itself. */
  onEvent?: (event: TransportEvent) => void;
}

const DEFAULTS = {
  ...TRANSPORT_DEFAULTS,
  keyPrefix: 'aisle:',
  pushTimeoutMs: 2_000,
  onEvent: (): void => {},
};

/**
 * Frames on Redis lists: `RPUSH` on one connection for all pushes, `BLMPOP` on one connection per consumer. Redis holds
 * nothing worth keeping: after a `FLUSHALL`, a restart or a pause the consumers go on by themselves, and requests in
 * flight end at their deadlines.
 */
export function createRedisTransport(options: RedisTransportOptions): Transport {
  return new RedisTransport({ ...DEFAULTS, ...options });
}

class RedisTransport implements Transport {
  private readonly redis: Redis;
  private readonly consumers = new Set<RedisConsumer>();
  private readonly withoutExpiry = new Set<string>();
  private expiryTimer: Timer | undefined;
  private closing = false;

  constructor(private readonly options: Required<RedisTransportOptions>) {
    this.redis = connectRedis(options, 'push', {
      commandTimeout: options.pushTimeoutMs,
      // Unanswered commands and silence for this long mean that the connection is dead.
      socketTimeout: options.pushTimeoutMs * 2,
    });
  }

  async push(queue: string, frame: Uint8Array): Promise<void> {
    if (this.closing) throw BrokerFailure.closing();
    const key = this.keyOf(queue);
    const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength);
    try {
      const length = await this.redis.rpush(key, bytes);
      if (length <= this.options.queueFramesMax) return this.expireSoon(key);
      // A Lua script that checks first would cost Redis two to three times as much for every frame. This way costs more
      // only when the queue is full. A frame that is popped in the meantime was accepted.
      if ((await this.redis.lrem(key, -1, bytes)) === 0) return this.expireSoon(key);
    } catch (cause) {
      throw BrokerFailure.unavailable().causedBy(cause);
    }
    throw BrokerFailure.queueFull(this.options.queueFramesMax);
  }

  consume(queue: string, onFrame: OnFrame, options: ConsumeOptions = {}): Consumer {
    const consumer = new RedisConsumer({
      ...this.options,
      queue,
      key: this.keyOf(queue),
      onFrame,
      inFlightMax: options.inFlightMax ?? TRANSPORT_DEFAULTS.inFlightMax,
      unblock: (clientId) => this.redis.client('UNBLOCK', clientId),
    });
    this.consumers.add(consumer);
    return {
      stop: async () => {
        await consumer.stop();
        this.consumers.delete(consumer);
      },
    };
  }

  async close(): Promise<void> {
    this.closing = true;
    await Promise.all([...this.consumers].map((consumer) => consumer.stop()));
    // Redis answers this after every earlier push. Without a connection it fails, which is just as good.
    await this.redis.ping().catch(() => {});
    this.expiryTimer?.cancel();
    this.setExpiries();
    await this.redis.quit().catch(() => {});
    this.redis.disconnect();
  }

  private keyOf(queue: string): string {
    return `${this.options.keyPrefix}{${queue}}`;
  }

  // An expiry belongs to the key, and the key disappears with every empty queue, so each push needs a new expiry.
  // Setting it once a second for all recent queues costs next to nothing. The price: a process that is killed within
  // that second leaves a list behind if its consumer is dead as well.
  private expireSoon(key: string): void {
    this.withoutExpiry.add(key);
    if (this.expiryTimer) return;
    const delayMs = Math.min(1_000, this.options.queueExpiryMs / 4);
    this.expiryTimer = this.options.runtime.timers.after(delayMs, () => this.setExpiries(), {
      background: true,
    });
  }

  private setExpiries(): void {
    this.expiryTimer = undefined;
    for (const key of this.withoutExpiry) {
      this.redis.pexpire(key, this.options.queueExpiryMs).catch(() => {});
    }
    this.withoutExpiry.clear();
  }
}

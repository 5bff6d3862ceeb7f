import type { Runtime, Timer } from '@aisle/std';
import { sleep } from '@aisle/std';
import type { Redis } from 'ioredis';

import { InFlight } from '../in-flight.ts';
import type { Consumer, OnFrame } from './transport.ts';
import { connectRedis } from './redis-connection.ts';
import type { TransportEvent } from './redis-connection.ts';

/** Redis answers a pop within this time, empty if need be. */
const BLOCK_SECONDS = 1;
/** A pop without an answer for this long will get none: the network is silent, or Redis is paused. */
const SILENT_MS = 3_000;
const WATCH_MS = 500;
/** The pause after Redis refused a pop (`LOADING`, `WRONGTYPE`), so that the loop does not spin. */
const REFUSED_PAUSE_MS = 250;
/** Several frames per answer, so that a burst costs few round trips; few enough to leave some for other consumers. */
const POP_FRAMES_MAX = 16;

export interface RedisConsumerOptions {
  readonly url: string;
  readonly onEvent: (event: TransportEvent) => void;
  readonly queue: string;
  readonly key: string;
  readonly runtime: Runtime;
  readonly onFrame: OnFrame;
  readonly inFlightMax: number;
  /** Ends another connection's blocking pop at once, without losing a frame that it may have popped. */
  readonly unblock: (clientId: number) => Promise<unknown>;
}

/**
 * Pops from one list on a connection of its own, because a blocking pop would hold up every other command on it. A
 * command timeout would abandon a pop that Redis still carries out, and lose a frame. So there is no command timeout: a
 * watchdog cuts a silent connection, and ioredis pops again.
 */
export class RedisConsumer implements Consumer {
  private readonly redis: Redis;
  private readonly inFlight: InFlight;
  private readonly watchdog: Timer;
  private readonly ended: Promise<void>;
  private clientId: number | undefined;
  private poppingSinceMs: number | undefined;
  private watchedAtMs: number;
  private isStopping = false;
  private stopped: Promise<void> | undefined;

  constructor(private readonly options: RedisConsumerOptions) {
    this.redis = connectRedis(options, options.queue);
    this.inFlight = new InFlight(options.inFlightMax);
    // Ask before the first pop, which would hold up the answer. After a reconnect it does so, for a second.
    this.learnClientId();
    this.redis.on('ready', () => this.learnClientId());
    this.watchedAtMs = options.runtime.clock.monotonicMs();
    this.watchdog = options.runtime.timers.every(WATCH_MS, () => this.watch(), {
      background: true,
    });
    this.ended = this.run();
  }

  stop(): Promise<void> {
    this.stopped ??= this.drain();
    return this.stopped;
  }

  private async drain(): Promise<void> {
    this.isStopping = true;
    if (this.redis.status === 'ready') {
      if (this.clientId !== undefined) this.options.unblock(this.clientId).catch(() => {});
      await Promise.race([this.ended, this.isDisconnected()]);
    }
    // Without a connection the pop would wait for the next one, and no pop may follow a stop.
    this.watchdog.cancel();
    this.redis.disconnect();
    await this.inFlight.isIdle();
  }

  private isDisconnected(): Promise<void> {
    return new Promise((resolve) => void this.redis.once('close', () => resolve()));
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      if (this.inFlight.room <= 0) await this.inFlight.hasRoom();
      else for (const frame of await this.pop()) this.inFlight.track(this.options.onFrame(frame));
    }
  }

  private async pop(): Promise<readonly Uint8Array[]> {
    const { key, queue, runtime, onEvent } = this.options;
    const count = Math.min(this.inFlight.room, POP_FRAMES_MAX);
    this.poppingSinceMs = runtime.clock.monotonicMs();
    try {
      const popped = await this.redis.blmpopBuffer(BLOCK_SECONDS, 1, key, 'LEFT', 'COUNT', count);
      return popped ? popped[1] : [];
    } catch (error) {
      if (this.isStopping) return [];
      onEvent({ kind: 'refused', connection: queue, error });
      await sleep(runtime, REFUSED_PAUSE_MS);
      return [];
    } finally {
      this.poppingSinceMs = undefined;
    }
  }

  private watch(): void {
    const nowMs = this.options.runtime.clock.monotonicMs();
    const wasAsleep = nowMs - this.watchedAtMs > SILENT_MS;
    this.watchedAtMs = nowMs;
    if (this.poppingSinceMs === undefined || nowMs - this.poppingSinceMs < SILENT_MS) return;
    this.poppingSinceMs = nowMs;
    // This process was suspended: the answer may have arrived and wait unread.
    if (wasAsleep) return;
    // While ioredis reconnects, its own timeout applies. Cutting the connection would only restart it.
    if (this.redis.status !== 'ready' && this.redis.status !== 'connect') return;
    this.options.onEvent({ kind: 'silent', connection: this.options.queue });
    this.redis.disconnect(true);
  }

  // If Redis does not tell the id, a stop waits up to a second for the pop to time out.
  private learnClientId(): void {
    this.redis.client('ID').then(
      (id) => (this.clientId = id),
      () => {},
    );
  }
}

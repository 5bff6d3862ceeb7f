import type { Runtime, Timer } from '@aisle/std';
import { sleep } from '@aisle/std';
import type { Redis } from 'ioredis';

import { InFlight } from '../in-flight.ts';
import type { Consumer, OnFrame } from './transport.ts';
import { connectRedis } from './redis-connection.ts';
import type { TransportEvent } from './redis-connection.ts';

/** Redis answers a pop within this time, empty-handed if need be. */
const BLOCK_SECONDS = 1;
/** So an answer this late means that it never comes: a silent network, or a paused Redis. */
const SILENT_MS = 3_000;
const WATCH_MS = 500;
/** After Redis refused a pop (`LOADING`, `WRONGTYPE`): not at full speed again. */
const REFUSED_PAUSE_MS = 250;
/** Several an answer, so that a burst costs few round trips; few, so that others get some. */
const POP_FRAMES_MAX = 16;

export interface RedisConsumerOptions {
  readonly url: string;
  readonly onEvent: (event: TransportEvent) => void;
  readonly queue: string;
  readonly key: string;
  readonly runtime: Runtime;
  readonly onFrame: OnFrame;
  readonly inFlightMax: number;
  /** Ends another connection's blocking pop at once, without losing what it may have popped. */
  readonly unblock: (clientId: number) => Promise<unknown>;
}

/**
 * Pops from one list on a connection of its own: a blocking pop would hold up everything else on
 * it, and a command timeout would give up on a pop that Redis then still carries out, losing a
 * frame. So there is no timeout; a watchdog cuts a silent connection, and ioredis pops again.
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
    // Before the first pop, which would hold up the answer; after a reconnect it does, for a second.
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
    // Without a connection the pop would wait for the next one, which shall not come.
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
    // It was this process that fell silent: the answer may be here, unread.
    if (wasAsleep) return;
    // While ioredis dials anew it has its own timeout; cutting in would only start it over.
    if (this.redis.status !== 'ready' && this.redis.status !== 'connect') return;
    this.options.onEvent({ kind: 'silent', connection: this.options.queue });
    this.redis.disconnect(true);
  }

  // Where Redis does not say, stopping waits for the pop to time out, which is a second.
  private learnClientId(): void {
    this.redis.client('ID').then(
      (id) => (this.clientId = id),
      () => {},
    );
  }
}

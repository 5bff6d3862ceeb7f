import { connectRedis } from '@aisle/broker';
import { sleep } from '@aisle/std';
import type { Runtime, Timer } from '@aisle/std';
import type { Redis } from 'ioredis';
import { bodyFrom } from '../storable-text.ts';
import type { BackboneEvent, Entry, SubscribeOptions, Subscription } from './backbone.ts';

/** Redis answers a read within this time, empty if need be. */
const BLOCK_MS = 1_000;
/** A read without an answer for this long will get none: the network is silent, or Redis is paused. */
const SILENT_MS = 3_000;
const WATCH_MS = 500;
/** The pause after Redis refused a read (`LOADING`), so that the loop does not spin. */
const REFUSED_PAUSE_MS = 250;
const ENTRIES_MAX = 500;
/** The prefix of the events' connections in CLIENT LIST. */
export const NAME_PREFIX = 'aisle-events-';

/** The options of a reader. */
export interface RedisReaderOptions {
  readonly url: string;
  readonly onEvent?: ((event: BackboneEvent) => void) | undefined;
  readonly connection: string;
  readonly runtime: Runtime;
  /** Ends another connection's blocking read at once. */
  readonly unblock: (clientId: number) => Promise<unknown>;
}

type StreamsReply = [key: Buffer, entries: [id: Buffer, fields: Buffer[]][]][];

interface Stream {
  readonly key: string;
  readonly options: SubscribeOptions;
  after: number;
  /** Pending while its consumer is busy. */
  giving: Promise<void> | undefined;
}

/**
 * Reads all streams of one consumer and topic over one connection, many entries of many streams per round trip. A
 * stream with a busy consumer is left out. When the consumer is ready again, a waiting read is cut short.
 */
export class RedisReader {
  private readonly redis: Redis;
  private readonly streams = new Map<string, Stream>();
  private readonly watchdog: Timer;
  private clientId: number | undefined;
  private blockedSinceMs: number | undefined;
  private watchedAtMs: number;
  private reading: Promise<void> | undefined;
  private isClosed = false;

  constructor(private readonly options: RedisReaderOptions) {
    const { runtime, connection } = options;
    this.redis = connectRedis({ ...options, namePrefix: NAME_PREFIX }, connection);
    this.redis.on('ready', () => {
      // Ask before the first read, which would hold up the answer.
      this.redis.client('ID').then((id) => (this.clientId = id), () => {});
    });
    this.watchedAtMs = runtime.clock.monotonicMs();
    this.watchdog = runtime.timers.every(WATCH_MS, () => this.watch(), { background: true });
  }

  add(key: string, options: SubscribeOptions): Subscription {
    const stream: Stream = { key, options, after: options.after, giving: undefined };
    this.streams.set(key, stream);
    this.wake();
    return {
      stop: async () => {
        if (this.streams.get(key) === stream) this.streams.delete(key);
        await stream.giving;
      },
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.watchdog.cancel();
    this.redis.disconnect();
    await this.reading;
  }

  private wake(): void {
    if (this.isClosed) return;
    if (this.blockedSinceMs !== undefined && this.clientId !== undefined) {
      this.options.unblock(this.clientId).catch(() => {});
    }
    this.reading ??= this.read().finally(() => {
      this.reading = undefined;
      if (this.ready().length > 0) this.wake();
    });
  }

  private ready(): Stream[] {
    return [...this.streams.values()].filter(({ giving }) => giving === undefined);
  }

  private async read(): Promise<void> {
    for (let wanted = this.ready(); wanted.length > 0 && !this.isClosed; wanted = this.ready()) {
      for (const [key, entries] of await this.ask(wanted)) {
        const stream = this.streams.get(key);
        if (stream && wanted.includes(stream)) this.give(stream, entries);
      }
      // Wait one turn, in which a fast consumer becomes ready again, and others get their entries.
      await new Promise<void>((resolve) => this.options.runtime.defer(resolve));
    }
  }

  private give(stream: Stream, entries: readonly Entry[]): void {
    stream.after = entries.at(-1)?.position ?? stream.after;
    const given = stream.options.onEntries(entries);
    if (given === undefined) return;
    stream.giving = given.finally(() => {
      stream.giving = undefined;
      this.wake();
    });
  }

  private async ask(wanted: readonly Stream[]): Promise<[string, Entry[]][]> {
    const keys = wanted.map(({ key }) => key);
    const ids = wanted.map(({ after }) => `${after}-0`);
    this.blockedSinceMs = this.options.runtime.clock.monotonicMs();
    try {
      const answer = await this.redis.xreadBuffer('COUNT', ENTRIES_MAX, 'BLOCK', BLOCK_MS, 'STREAMS', ...keys, ...ids);
      return ((answer ?? []) as StreamsReply).map(([key, entries]) => [key.toString(), entries.map(entryOf)]);
    } catch (error) {
      if (this.isClosed) return [];
      this.options.onEvent?.({ kind: 'refused', connection: this.options.connection, error });
      await sleep(this.options.runtime, REFUSED_PAUSE_MS);
      return [];
    } finally {
      this.blockedSinceMs = undefined;
    }
  }

  /** A command timeout is no alternative, since a waiting read is not a failure. */
  private watch(): void {
    const nowMs = this.options.runtime.clock.monotonicMs();
    const wasAsleep = nowMs - this.watchedAtMs > SILENT_MS;
    this.watchedAtMs = nowMs;
    if (this.blockedSinceMs === undefined || nowMs - this.blockedSinceMs < SILENT_MS) return;
    this.blockedSinceMs = nowMs;
    // This process was suspended: the answer may have arrived and wait unread.
    if (wasAsleep) return;
    // While ioredis reconnects, its own timeout applies. Cutting the connection would only restart it.
    if (this.redis.status === 'ready' || this.redis.status === 'connect') this.redis.disconnect(true);
  }
}

const SPACE = Buffer.from(' ');

/** The entry as a relay published it, or as any other writer left it. */
function entryOf([id, fields]: StreamsReply[number][1][number]): Entry {
  const position = Number.parseInt(id.toString(), 10);
  const [name, value, sealName, seal] = fields;
  const isPublished = name?.toString() === 'event' && sealName?.toString() === 'seal' && fields.length === 4;
  if (isPublished) return { position, ...bodyFrom(value as Buffer), seal: seal?.toString() };
  const isEvent = name?.toString() === 'event' && value !== undefined;
  return { position, ...bodyFrom(isEvent ? value : Buffer.concat(fields.flatMap((field) => [field, SPACE]))) };
}

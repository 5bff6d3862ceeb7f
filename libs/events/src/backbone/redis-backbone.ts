import { connectRedis } from '@aisle/broker';
import type { Runtime } from '@aisle/std';
import type { Redis } from 'ioredis';
import type { Backbone, BackboneEvent, Publication, SubscribeOptions, Subscription } from './backbone.ts';
import { NAME_PREFIX, RedisReader } from './redis-reader.ts';

/** The options of the Redis backbone. */
export interface RedisBackboneOptions {
  readonly url: string;
  readonly onEvent?: ((event: BackboneEvent) => void) | undefined;
  /** Separates two systems on one Redis. */
  readonly keyPrefix: string;
  readonly runtime: Runtime;
  /** Partitions per topic; 4 by default. */
  readonly partitions?: number | undefined;
}

// KEYS: a stream. ARGV: floor, position before the first entry, then body and seal of each. Returns the position
// reached. An entry's id is its position, so Redis itself refuses a duplicate. A chain that does not begin where the
// stream ends is refused as a whole, so a flushed stream never silently begins in the middle. A key of this name that
// is not a stream is deleted: nobody could read it, and Redis would refuse all streams that are read together with it.
const PUBLISH = `
local floor, position, tail = tonumber(ARGV[1]), tonumber(ARGV[2]), 0
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'stream' and kind ~= 'none' then redis.call('DEL', KEYS[1]) end
if redis.call('EXISTS', KEYS[1]) == 1 then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then tail = tonumber(string.match(info[i + 1], '^%d+')) end
  end
end
if tail < position and position > floor then return tail end
for i = 3, #ARGV, 2 do
  position = position + 1
  if position > tail then
    redis.call('XADD', KEYS[1], string.format('%.0f-0', position), 'event', ARGV[i], 'seal', ARGV[i + 1])
    tail = position
  end
end
return tail`;

// Redis serves nobody else in the meantime.
const ENTRIES_PER_CALL = 1_000;

interface Scripted extends Redis {
  publishEntries(key: string, floor: number, before: number, ...bodiesAndSeals: string[]): Promise<number>;
}

/**
 * One stream per partition, in Redis 7 or Valkey. The entry `<position>-0` has the fields `event` and `seal`. Entries
 * that Redis loses are published again from the outbox.
 */
export class RedisBackbone implements Backbone {
  readonly partitions: number;
  readonly isShared = true;
  private readonly redis: Scripted;
  private readonly readers = new Map<string, RedisReader>();

  constructor(private readonly options: RedisBackboneOptions) {
    this.partitions = options.partitions ?? 4;
    // Each call is answered or fails in time. The relay tries again, and duplicates are refused.
    this.redis = connectRedis(
      { ...options, namePrefix: NAME_PREFIX }, 'publish', { commandTimeout: 5_000, socketTimeout: 10_000 },
    ) as Scripted;
    this.redis.defineCommand('publishEntries', { numberOfKeys: 1, lua: PUBLISH });
  }

  async publish(publications: readonly Publication[]): Promise<number[]> {
    const calls = publications.map(async ({ topic, partition, floor, entries }) => {
      const key = this.streamOf(topic, partition);
      let reached = 0;
      // All calls of all partitions leave at once, as a pipeline.
      const parts: Promise<number>[] = [];
      for (let first = 0; first < entries.length; first += ENTRIES_PER_CALL) {
        const part = entries.slice(first, first + ENTRIES_PER_CALL);
        const before = (part[0]?.position ?? 1) - 1;
        parts.push(this.redis.publishEntries(key, floor, before, ...part.flatMap(({ body, seal = '' }) => [body, seal])));
      }
      for (const tail of await Promise.all(parts)) reached = tail;
      return reached;
    });
    return Promise.all(calls);
  }

  async tails(topic: string): Promise<number[]> {
    const tails = Array.from({ length: this.partitions }, (_, partition) =>
      // Nothing to add: the script only reads.
      this.redis.publishEntries(this.streamOf(topic, partition), 0, Number.MAX_SAFE_INTEGER),
    );
    return Promise.all(tails);
  }

  async reset(topic: string, partition: number): Promise<void> {
    await this.redis.del(this.streamOf(topic, partition));
  }

  async trim(topic: string, partition: number, upTo: number): Promise<void> {
    // Approximate: whole blocks are dropped, which costs next to nothing.
    await this.redis.xtrim(this.streamOf(topic, partition), 'MINID', '~', `${upTo + 1}-0`);
  }

  subscribe(options: SubscribeOptions): Subscription {
    const { consumer, topic, partition } = options;
    const name = `${consumer}/${topic}`;
    let reader = this.readers.get(name);
    if (!reader) {
      reader = new RedisReader({
        ...this.options,
        connection: `read-${consumer}-${topic}`,
        unblock: (clientId) => this.redis.client('UNBLOCK', clientId),
      });
      this.readers.set(name, reader);
    }
    return reader.add(this.streamOf(topic, partition), options);
  }

  async close(): Promise<void> {
    await Promise.all([...this.readers.values()].map((reader) => reader.close()));
    this.redis.disconnect();
  }

  // One hash tag per topic, because a reader asks for several partitions at once.
  private streamOf(topic: string, partition: number): string {
    return `${this.options.keyPrefix}events:{${topic}}:${partition}`;
  }
}

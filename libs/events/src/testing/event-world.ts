import { TOPICS } from '@aisle/contracts';
import { createPool, migrate, prepareDatabase } from '@aisle/persistence';
import { testDatabase } from '@aisle/persistence/testing';
import type { TestDatabase } from '@aisle/persistence/testing';
import { systemRuntime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import type { Runtime } from '@aisle/std';
import type { Backbone } from '../backbone/backbone.ts';
import { Seals } from '../backbone/seals.ts';
import { DeadLetters } from '../consumer/dead-letters.repository.ts';
import { EventConsumer } from '../consumer/event-consumer.ts';
import type { EventConsumerOptions } from '../consumer/event-consumer.ts';
import type { ConsumerEvent, ReceivedEvent } from '../consumer/received-event.ts';
import { eventsSchema } from '../events.migration.ts';
import { inboxMigrations } from '../inbox/inbox.migration.ts';
import { insertOutbox } from '../outbox/insert-outbox.ts';
import type { OutboxEvent } from '../outbox/insert-outbox.ts';
import { outboxMigrations } from '../outbox/outbox.migration.ts';
import { OutboxRelay } from '../outbox/outbox-relay.ts';
import type { OutboxRelayOptions, RelayEvent } from '../outbox/outbox-relay.ts';

const SCHEMA = 'shop';
const LEASE_MS = 1_000;

/** The part of a consumer that a test sets. The rest is as in production, with shorter times. */
export type ConsumerSettings = Pick<EventConsumerOptions, 'handle'> &
  Partial<Pick<EventConsumerOptions, 'name' | 'runtime' | 'batchMax' | 'bufferMax' | 'attemptsMax' | 'backbone'>>;

/** One producer's outbox in a database of its own, a topic, and its relays and consumers. */
export class EventWorld {
  topic = '';
  consumer = '';
  /** The reports of consumers and relays, in order. */
  events: (ConsumerEvent | RelayEvent)[] = [];
  private readonly open = new Set<{ stop: () => Promise<void> }>();

  private constructor(
    readonly backbone: Backbone,
    readonly database: TestDatabase,
    readonly pool: ReturnType<typeof createPool>,
    readonly bookkeeping: ReturnType<typeof createPool>,
  ) {}

  static async make(backbone: Backbone): Promise<EventWorld> {
    const database = await testDatabase({ schema: SCHEMA, migrations: [...outboxMigrations, ...inboxMigrations] });
    await prepareDatabase({ ...database, schema: eventsSchema.schema });
    await migrate({ ...database, ...eventsSchema });
    const pool = (schema: string): ReturnType<typeof createPool> =>
      createPool({ url: database.appUrl, schema, applicationName: 'test', poolMax: 3 });
    return new EventWorld(backbone, database, pool(SCHEMA), pool('events'));
  }

  /** Switches to another topic and consumer, so that an earlier test has no effect. */
  turnOver(): void {
    this.topic = `${TOPICS.orders}-${uuidv7(systemRuntime)}`;
    this.consumer = `reader-${uuidv7(systemRuntime)}`;
    this.events = [];
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.open].map((one) => one.stop()));
    this.open.clear();
  }

  async end(): Promise<void> {
    await this.backbone.close();
    await Promise.all([this.pool.end(), this.bookkeeping.end()]);
    await this.database.drop();
  }

  relay(limits: Pick<OutboxRelayOptions, 'aheadMax' | 'batchMax'> = {}): OutboxRelay {
    const relay = new OutboxRelay({
      database: { url: this.database.appUrl, schema: SCHEMA, applicationName: 'test-relay' },
      backbone: this.backbone,
      runtime: systemRuntime,
      ...limits,
      keepFor: { [this.topic]: [this.consumer] },
      onEvent: (event) => void this.events.push(event),
    });
    this.open.add(relay);
    relay.start();
    return relay;
  }

  consume(settings: ConsumerSettings): EventConsumer {
    const consumer = new EventConsumer({
      name: this.consumer,
      topics: [this.topic],
      backbone: this.backbone,
      database: { url: this.database.appUrl, applicationName: 'test-consumer' },
      runtime: systemRuntime,
      leaseMs: LEASE_MS,
      retryMs: 20,
      onEvent: (event) => void this.events.push(event),
      ...settings,
    });
    this.open.add(consumer);
    consumer.start();
    return consumer;
  }

  async stop(one: { stop: () => Promise<void> }): Promise<void> {
    this.open.delete(one);
    await one.stop();
  }

  /** Treats a started part as dead, so the end of the test does not stop it. */
  abandon(one: { stop: () => Promise<void> }): void {
    this.open.delete(one);
  }

  async produce(keys: readonly string[], id = (): string => uuidv7(systemRuntime)): Promise<void> {
    await insertOutbox(this.pool, keys.map((key) => this.event(key, id())));
    for (const one of this.open) if (one instanceof OutboxRelay) one.hint();
  }

  /** Publishes bodies like a relay, from the first position of the first partition on. */
  async publish(bodies: readonly string[]): Promise<void> {
    const seals = await Seals.load(this.bookkeeping);
    const place = { topic: this.topic, partition: 0 };
    const entries = bodies.map((body, index) => {
      const entry = { position: index + 1, key: 'k', body };
      return { ...entry, seal: seals.of(place, entry) };
    });
    await this.backbone.publish([{ ...place, floor: 0, entries }]);
  }

  event(key: string, id: string): OutboxEvent {
    const data = { orderId: key, market: 'market-1' };
    return { id, topic: this.topic, type: 'OrderFulfilled', tenant: 'default', key, traceparent: '', data };
  }

  /** The ids of all events of the topic in the order of each partition in the log. */
  async logged(): Promise<string[][]> {
    const { rows } = await this.pool.query<{ ids: string[] }>(
      `SELECT array_agg(event->>'id' ORDER BY position) AS ids FROM outbox_log WHERE topic = $1
       GROUP BY partition ORDER BY partition`,
      [this.topic],
    );
    return rows.map(({ ids }) => ids);
  }

  async positions(): Promise<number[]> {
    const { rows } = await this.bookkeeping.query<{ position: number }>(
      `SELECT position::float8 AS position FROM checkpoint WHERE consumer = $1 AND topic = $2 ORDER BY partition`,
      [this.consumer, this.topic],
    );
    return rows.map(({ position }) => position);
  }

  get deadLetters(): DeadLetters {
    return new DeadLetters(this.bookkeeping);
  }

  /** Resolves when all produced events are settled, and the consumer's checkpoints include them. */
  async settled(): Promise<void> {
    await eventually(async () => {
      const { rows } = await this.pool.query<{ left: number }>(
        `SELECT (SELECT count(*) FROM outbox WHERE topic = $1)::int + (
           SELECT count(*) FROM outbox_partition AS produced LEFT JOIN events.checkpoint AS read
             ON read.topic = $1 AND read.consumer = $2 AND read.partition = produced.partition
           WHERE produced.topic = $1 AND read.position IS DISTINCT FROM produced.position)::int AS left`,
        [this.topic, this.consumer],
      );
      expect(rows[0]?.left).toBe(0);
    });
  }

  of<K extends (ConsumerEvent | RelayEvent)['kind']>(kind: K): Extract<ConsumerEvent | RelayEvent, { kind: K }>[] {
    return this.events.filter((event) => event.kind === kind) as Extract<ConsumerEvent | RelayEvent, { kind: K }>[];
  }
}

/** The keys of received events, in order. */
export function keysOf(events: readonly ReceivedEvent[]): string[] {
  return events.map(({ event }) => event.key);
}

export function orders(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `order-${index}`);
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** A runtime that can die, like a killed or frozen process: none of its timers fires after that. */
export function mortalRuntime(): { runtime: Runtime; die: () => void; isDead: () => boolean } {
  let dead = false;
  const alive = (run: () => void) => (): void => {
    if (!dead) run();
  };
  return {
    die: () => void (dead = true),
    isDead: () => dead,
    runtime: {
      ...systemRuntime,
      timers: {
        after: (delayMs, run) => systemRuntime.timers.after(delayMs, alive(run), { background: true }),
        every: (intervalMs, run) => systemRuntime.timers.every(intervalMs, alive(run), { background: true }),
      },
    },
  };
}

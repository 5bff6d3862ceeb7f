import type { EventType, IntegrationEvent } from '@aisle/contracts';
import type { SqlClient } from '../sql-client.ts';

/** An event of one type to be published. Without `id` and `at` the database gives it a random UUID and its own time. */
export interface NewEvent<T extends EventType> extends Omit<IntegrationEvent<T>, 'id' | 'at' | 'schemaVersion'> {
  /** One of `TOPICS`. Only one schema writes a topic. */
  readonly topic: string;
  readonly id?: string | undefined;
  readonly at?: string | undefined;
}

/** An event of any type to be published. The type narrows its data. */
export type OutboxEvent = { readonly [T in EventType]: NewEvent<T> }[EventType];

// The order of the arrays is the order of publication of a key.
const INSERT = `
  INSERT INTO outbox (topic, key, type, tenant, id, at, traceparent, by, data)
  SELECT topic, key, type, tenant, coalesce(id, gen_random_uuid()::text), coalesce(at, clock_timestamp()), traceparent,
    by, data::json
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[],
    $9::text[])
    WITH ORDINALITY AS given (topic, key, type, tenant, id, at, traceparent, by, data, place)
  ORDER BY place`;

/**
 * Writes the events in the caller's transaction, in one statement. They are published if it commits, and never
 * otherwise. Transactions with events of the same key must follow each other, by a row lock or an actor, or the order
 * of these events is undefined. After the commit, `OutboxRelay.hint` saves a poll.
 *
 * A trigger may insert into `outbox` itself: it must fill `topic`, `key`, `type` and `data` (JSON).
 */
export async function insertOutbox(client: SqlClient, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  const column = <V>(of: (event: OutboxEvent) => V): V[] => events.map(of);
  await client.query(INSERT, [
    column(({ topic }) => topic),
    column(({ key }) => key),
    column(({ type }) => type),
    column(({ tenant }) => tenant),
    column(({ id }) => id ?? null),
    column(({ at }) => at ?? null),
    column(({ traceparent }) => traceparent),
    column(({ by }) => by ?? ''),
    column(({ data }) => JSON.stringify(data)),
  ]);
}

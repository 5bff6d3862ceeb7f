import { failures } from '@aisle/std';
import { EVENTS_SCHEMA } from '../events.migration.ts';
import { rowsOf } from '../sql-client.ts';
import type { SqlClient } from '../sql-client.ts';

/** A consumer for which the events of a topic are kept. */
export interface KnownConsumer {
  readonly consumer: string;
  readonly topic: string;
  /** Events of the topic that it has not passed. */
  readonly behind: number;
  /** True if a process of it runs. */
  readonly isAlive: boolean;
}

const ConsumerFailure = failures('consumer', {
  /** A process of the consumer runs; it has to stop first. */
  alive: ['conflict', 'a process of this consumer runs; stop it first', (consumer: string) => ({ consumer })],
});

const IS_ALIVE = `
  EXISTS (SELECT FROM ${EVENTS_SCHEMA}.consumer_member AS member
          WHERE member.consumer = known.consumer AND alive_until > now())`;

const LIST = `
  SELECT known.consumer, topic, sum(greatest(coalesce(produced.position, 0) - known.position, 0))::float8 AS behind,
    ${IS_ALIVE} AS "isAlive"
  FROM ${EVENTS_SCHEMA}.checkpoint AS known LEFT JOIN outbox_partition AS produced USING (topic, partition)
  WHERE topic = ANY ($1) GROUP BY known.consumer, topic ORDER BY behind DESC, known.consumer, topic`;

// One statement, so that the check whether the consumer is alive belongs to the same snapshot.
const FORGET = `
  WITH found AS (
    SELECT known.consumer, topic, partition, ${IS_ALIVE} AS is_alive FROM ${EVENTS_SCHEMA}.checkpoint AS known
    WHERE known.consumer = $1 AND topic = ANY ($2)
  ), gone AS (
    DELETE FROM ${EVENTS_SCHEMA}.checkpoint AS known USING found
    WHERE known.consumer = found.consumer AND known.topic = found.topic AND known.partition = found.partition AND NOT is_alive
  )
  SELECT DISTINCT topic, is_alive AS "isAlive" FROM found ORDER BY topic`;

/** The consumers of topics whose outbox is in the client's schema, the furthest behind first. */
export async function knownConsumers(client: SqlClient, topics: readonly string[]): Promise<readonly KnownConsumer[]> {
  return rowsOf<KnownConsumer>(await client.query(LIST, [[...topics]]));
}

/**
 * Forgets a consumer of some topics, so that events are no longer kept for it. If it comes back, it begins with the
 * events available then. Returns the topics that it consumed. Throws `ConsumerFailure.alive`, and then has changed nothing.
 */
export async function forgetConsumer(client: SqlClient, consumer: string, topics: readonly string[]): Promise<readonly string[]> {
  const found = rowsOf<{ topic: string; isAlive: boolean }>(await client.query(FORGET, [consumer, [...topics]]));
  if (found.some(({ isAlive }) => isAlive)) throw ConsumerFailure.alive(consumer);
  return found.map(({ topic }) => topic);
}

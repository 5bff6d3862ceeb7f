import { createPool } from '@aisle/persistence';
import type { PoolClient } from 'pg';
import { Seals } from '../backbone/seals.ts';
import { EVENTS_SCHEMA } from '../events.migration.ts';

/** The producer's database, and its schema with the outbox. */
export interface OutboxDatabase {
  readonly url: string;
  readonly schema: string;
  readonly applicationName: string;
}

/** An event with its position in its partition, as text that is not parsed on the way. */
export interface LoggedEvent {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  readonly key: string;
  readonly body: string;
}

/** A partition, and a position in it. */
export interface PartitionPosition {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
}

/** The state of a partition: positions given, passed to the backbone, and deleted from the log. */
export interface LoggedPartition extends PartitionPosition {
  readonly published: number;
  readonly pruned: number;
}

/** The progress of the consumers in one partition. */
export interface ReadPartition {
  readonly topic: string;
  readonly partition: number;
  /** All consumers that ever read it. */
  readonly consumers: readonly string[];
  /** The slowest consumer's position. */
  readonly floor: number;
  readonly wantsRewind: boolean;
}

// A lock holder that is silent for this long is frozen or cut off. A living one talks to the database many times a
// second.
const SILENT_HOLDER = '10 seconds';

const TRY_LOCK = `SELECT pg_try_advisory_lock(hashtext('aisle.outbox'), hashtext(current_schema())) AS locked`;

const CUT_SILENT_HOLDER = `
  SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE locktype = 'advisory' AND granted AND pid <> pg_backend_pid()
    AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND classid = (hashtext('aisle.outbox')::bigint & 4294967295)::oid
    AND objid = (hashtext(current_schema())::bigint & 4294967295)::oid
    AND state_change < now() - interval '${SILENT_HOLDER}'`;

const PUBLISHED = `'id', id, 'type', type, 'schemaVersion', 1, 'tenant', tenant, 'key', key,
        'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'traceparent', traceparent`;

// One statement, one round trip: takes the oldest events, gives each its position, and returns them in the published
// form.
const MOVE = `
  WITH taken AS (
    DELETE FROM outbox WHERE seq = ANY (ARRAY(SELECT seq FROM outbox ORDER BY seq LIMIT $1)) RETURNING *
  ), spread AS (
    SELECT topic, (hashtextextended(key, 0) & 2147483647)::int % $2::int AS partition, seq, key,
      CASE WHEN by = '' THEN json_build_object(${PUBLISHED}, 'data', data)
        ELSE json_build_object(${PUBLISHED}, 'by', by, 'data', data) END AS event
    FROM taken
  ), placed AS (
    SELECT topic, partition, key, event, coalesce(known.position, 0)
      + row_number() OVER (PARTITION BY topic, partition ORDER BY seq) AS position
    FROM spread LEFT JOIN outbox_partition AS known USING (topic, partition)
  ), logged AS (
    INSERT INTO outbox_log (topic, partition, position, key, event)
    SELECT topic, partition, position, key, event FROM placed
  ), counted AS (
    INSERT INTO outbox_partition (topic, partition, position)
    SELECT topic, partition, max(position) FROM placed GROUP BY topic, partition
    ON CONFLICT (topic, partition) DO UPDATE SET position = excluded.position
  )
  SELECT topic, partition, position::float8 AS position, key, event::text AS body
  FROM placed ORDER BY topic, partition, position`;

const READ_LOG = `
  SELECT log.topic, log.partition, log.position::float8 AS position, key, event::text AS body
  FROM unnest($1::text[], $2::int[], $3::bigint[]) AS given (topic, partition, after)
  CROSS JOIN LATERAL (
    SELECT * FROM outbox_log
    WHERE topic = given.topic AND partition = given.partition AND position > after
    ORDER BY position LIMIT $4
  ) AS log
  ORDER BY log.topic, log.partition, log.position`;

const PARTITIONS = `
  SELECT topic, partition, position::float8 AS position, published::float8 AS published, pruned::float8 AS pruned
  FROM outbox_partition`;

const READ_BY = `
  SELECT topic, partition, array_agg(consumer) AS consumers, min(position)::float8 AS floor,
    bool_or(wants_rewind) AS "wantsRewind"
  FROM ${EVENTS_SCHEMA}.checkpoint WHERE topic = ANY ($1) GROUP BY topic, partition`;

const REWOUND = `
  UPDATE ${EVENTS_SCHEMA}.checkpoint SET wants_rewind = false WHERE topic = $1 AND partition = $2 AND wants_rewind`;

const PRUNE = `
  WITH given AS (
    SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) AS given (topic, partition, floor, published)
  ), deleted AS (
    DELETE FROM outbox_log USING given
    WHERE outbox_log.topic = given.topic AND outbox_log.partition = given.partition AND position <= floor
  )
  UPDATE outbox_partition AS kept SET pruned = greatest(pruned, floor), published = given.published
  FROM given WHERE kept.topic = given.topic AND kept.partition = given.partition`;

/**
 * One producer's outbox, over one connection, which holds the relay's lock. A relay that loses the connection loses the
 * lock, and its running statement with it.
 */
export class OutboxRepository {
  private constructor(
    private readonly client: PoolClient,
    private readonly channel: string,
    private readonly end: () => Promise<void>,
  ) {}

  static async connect(database: OutboxDatabase): Promise<OutboxRepository> {
    const pool = createPool({ ...database, poolMax: 1 });
    try {
      return new OutboxRepository(await pool.connect(), `outbox of ${database.schema}`, () => pool.end());
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  /** False while another relay of this schema has it. A silent holder is cut off. */
  async lock(): Promise<boolean> {
    const { rows } = await this.client.query<{ locked: boolean }>(TRY_LOCK);
    if (rows[0]?.locked) return true;
    await this.client.query(CUT_SILENT_HOLDER);
    return false;
  }

  /** Wakes the relay that leads. It is a transaction of its own, so that no commit of events waits for other notifications. */
  async hint(): Promise<void> {
    await this.query('outbox-hint', 'SELECT pg_notify($1, NULL)', [this.channel]);
  }

  /** Calls `listener` at each hint of another process, as long as the connection lasts. */
  async onHint(listener: () => void): Promise<void> {
    this.client.on('notification', listener);
    await this.client.query(`LISTEN ${this.client.escapeIdentifier(this.channel)}`);
  }

  /** The seals by which consumers recognise this system's relays. */
  seals(): Promise<Seals> {
    return Seals.load(this.client);
  }

  /** Moves the oldest events of the outbox to the log, and returns them, each partition's together and in order. */
  move(limit: number, partitions: number): Promise<LoggedEvent[]> {
    return this.query<LoggedEvent>('outbox-move', MOVE, [limit, partitions]);
  }

  /** Events of the log after the given positions, at most `limit` per partition. */
  readLog(after: readonly PartitionPosition[], limit: number): Promise<LoggedEvent[]> {
    return this.query<LoggedEvent>('outbox-read', READ_LOG, [...columnsOf(after), limit]);
  }

  partitions(): Promise<LoggedPartition[]> {
    return this.query<LoggedPartition>('outbox-partitions', PARTITIONS);
  }

  readBy(topics: readonly string[]): Promise<ReadPartition[]> {
    return this.query<ReadPartition>('outbox-read-by', READ_BY, [topics]);
  }

  /** The partition was published again, so the request is done. */
  async rewound(topic: string, partition: number): Promise<void> {
    await this.query('outbox-rewound', REWOUND, [topic, partition]);
  }

  /** Deletes from the log up to each position, and records the backbone's position. */
  async prune(floors: readonly (PartitionPosition & { readonly published: number })[]): Promise<void> {
    await this.query('outbox-prune', PRUNE, [...columnsOf(floors), floors.map(({ published }) => published)]);
  }

  /** Closes the connection, which releases the lock. */
  async close(): Promise<void> {
    this.client.release(true);
    await this.end();
  }

  private async query<R extends object>(name: string, text: string, values: unknown[] = []): Promise<R[]> {
    return (await this.client.query<R>({ name, text, values })).rows;
  }
}

function columnsOf(positions: readonly PartitionPosition[]): [string[], number[], number[]] {
  return [
    positions.map(({ topic }) => topic),
    positions.map(({ partition }) => partition),
    positions.map(({ position }) => position),
  ];
}

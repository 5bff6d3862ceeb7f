import { createPool } from '@aisle/persistence';
import type { Pool } from 'pg';
import { EVENTS_SCHEMA } from '../events.migration.ts';
import { storableBody, storableText } from '../storable-text.ts';

/** An event that a consumer could not handle, with the reason. */
export interface DeadLetter {
  readonly id: number;
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  /** Null if the body is not an event. */
  readonly eventId: string | null;
  readonly type: string | null;
  readonly key: string | null;
  /** The event as it came; escaped if PostgreSQL does not accept it as text. */
  readonly body: string;
  /** In the body a backslash stands for two, `\u0000` for U+0000 or half a surrogate, `\xff` for a byte. */
  readonly isEscaped: boolean;
  /** A writer other than a relay put it on the backbone. The body of a long one is cut. */
  readonly isStray: boolean;
  /** A failure's code, or the name of another error. */
  readonly code: string;
  readonly error: string;
  readonly attempts: number;
  readonly diedAt: Date;
  /** A redrive was requested, and its outcome is open. */
  readonly redriven: boolean;
}

/** Dead letters of the same consumer, type and code. */
export interface DeadLetterGroup {
  readonly consumer: string;
  readonly topic: string;
  readonly type: string | null;
  readonly code: string;
  readonly count: number;
  /** The error of the youngest one. */
  readonly error: string;
  readonly firstDiedAt: Date;
  readonly lastDiedAt: Date;
}

/** Selects dead letters. An absent field matches any. */
export interface DeadLetterFilter {
  readonly consumer?: string | undefined;
  /** The letters of any of these consumers. */
  readonly consumers?: readonly string[] | undefined;
  readonly topic?: string | undefined;
  readonly type?: string | undefined;
  readonly code?: string | undefined;
  readonly ids?: readonly number[] | undefined;
}

/** A dead letter as the consumer writes it. */
export type Burial = Omit<DeadLetter, 'id' | 'diedAt' | 'redriven'>;

const MATCHES = `
  ($1::text IS NULL OR consumer = $1) AND ($2::text IS NULL OR topic = $2) AND ($3::text IS NULL OR type = $3)
  AND ($4::text IS NULL OR code = $4) AND ($5::bigint[] IS NULL OR id = ANY ($5))
  AND ($6::text[] IS NULL OR consumer = ANY ($6))`;

const COLUMNS = `
  id::float8 AS id, consumer, topic, partition, position::float8 AS position, event_id AS "eventId", type, key, body,
  escaped AS "isEscaped", stray <> '' AS "isStray", code, error, attempts, died_at AS "diedAt", redriven_at IS NOT NULL AS redriven`;

const BURY = `
  INSERT INTO dead_letter
    (consumer, topic, partition, position, event_id, type, key, body, escaped, stray, code, error, attempts)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
    CASE WHEN $10 THEN encode(sha256(convert_to($8, 'UTF8')), 'hex') ELSE '' END, $11, $12, $13)
  ON CONFLICT (consumer, topic, partition, position, stray) DO UPDATE SET
    code = excluded.code, error = excluded.error, redriven_at = NULL,
    attempts = dead_letter.attempts + excluded.attempts`;

const REDRIVEN = `
  SELECT ${COLUMNS} FROM dead_letter
  WHERE consumer = $1 AND redriven_at IS NOT NULL
    AND (topic, partition) IN (SELECT * FROM unnest($2::text[], $3::int[]))
  ORDER BY id LIMIT 100`;

/** The dead letters of all consumers, for inspection, and for a retry once their cause is gone. */
export class DeadLetters {
  constructor(private readonly pool: Pool) {}

  /** Opens one connection to the app's database. Close it when done. */
  static connect(url: string, applicationName: string): { deadLetters: DeadLetters; close: () => Promise<void> } {
    const pool = createPool({ url, schema: EVENTS_SCHEMA, applicationName, poolMax: 1 });
    return { deadLetters: new DeadLetters(pool), close: () => pool.end() };
  }

  /** Oldest first; `afterId` continues after a page's last letter. */
  async list(filter: DeadLetterFilter = {}, limit = 100, afterId = 0): Promise<DeadLetter[]> {
    const sql = `SELECT ${COLUMNS} FROM dead_letter WHERE ${MATCHES} AND id > $7 ORDER BY id LIMIT $8`;
    return (await this.pool.query<DeadLetter>(sql, [...valuesOf(filter), afterId, limit])).rows;
  }

  /** Groups by consumer, type and code, the most frequent first. */
  async groups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroup[]> {
    const sql = `
      SELECT consumer, topic, type, code, count(*)::int AS count, (array_agg(error ORDER BY id DESC))[1] AS error,
        min(died_at) AS "firstDiedAt", max(died_at) AS "lastDiedAt"
      FROM dead_letter WHERE ${MATCHES} GROUP BY consumer, topic, type, code ORDER BY count(*) DESC, max(id) DESC`;
    return (await this.pool.query<DeadLetterGroup>(sql, valuesOf(filter))).rows;
  }

  /**
   * Requests another attempt of each, soon, by their consumers; returns their number. A letter that succeeds is
   * removed. It is handled after younger events of its key, so handlers must be prepared for that.
   */
  async redrive(filter: DeadLetterFilter = {}): Promise<number> {
    const sql = `UPDATE dead_letter SET redriven_at = now() WHERE ${MATCHES} AND redriven_at IS NULL`;
    return (await this.pool.query(sql, valuesOf(filter))).rowCount ?? 0;
  }

  /** Gives them up for good. */
  async discard(filter: DeadLetterFilter): Promise<number> {
    return (await this.pool.query(`DELETE FROM dead_letter WHERE ${MATCHES}`, valuesOf(filter))).rowCount ?? 0;
  }

  /** Writes a dead letter, or updates one that was redriven without success. Every letter can be stored. */
  async bury(letter: Burial): Promise<void> {
    const { body, isEscaped } = letter.isEscaped ? letter : storableBody(letter.body);
    // A foreign writer may have chosen an id beyond any position.
    const position = Math.min(letter.position, Number.MAX_SAFE_INTEGER);
    await this.pool.query(BURY, [
      letter.consumer, letter.topic, letter.partition, position, nameFrom(letter.eventId), nameFrom(letter.type),
      nameFrom(letter.key), body, isEscaped, letter.isStray, storableText(letter.code), storableText(letter.error),
      letter.attempts,
    ]);
  }

  /** The letters of some partitions with a requested redrive. */
  async redriven(
    consumer: string, places: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<DeadLetter[]> {
    const values = [consumer, places.map(({ topic }) => topic), places.map(({ partition }) => partition)];
    return (await this.pool.query<DeadLetter>({ name: 'dead-letters-redriven', text: REDRIVEN, values })).rows;
  }
}

/** A field of the event, which may have any type. */
function nameFrom(name: unknown): string | null {
  return typeof name === 'string' ? storableText(name) : null;
}

function valuesOf({ consumer, topic, type, code, ids, consumers }: DeadLetterFilter): unknown[] {
  return [consumer ?? null, topic ?? null, type ?? null, code ?? null, ids ?? null, consumers ?? null];
}

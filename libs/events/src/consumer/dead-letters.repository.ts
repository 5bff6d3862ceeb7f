import { createPool } from '@aisle/persistence';
import type { Pool } from 'pg';
import { EVENTS_SCHEMA } from '../events.migration.ts';
import { storableBody, storableText } from '../storable-text.ts';

/** An event that a consumer could not handle, and why. */
export interface DeadLetter {
  readonly id: number;
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  /** Null where the body is no event. */
  readonly eventId: string | null;
  readonly type: string | null;
  readonly key: string | null;
  /** The event as it came; escaped where that is no text that PostgreSQL takes. */
  readonly body: string;
  /** In the body a backslash stands for two, `\u0000` for U+0000 or half a surrogate, `\xff` for a byte. */
  readonly isEscaped: boolean;
  /** Somebody else than a relay wrote it to the backbone; of a long one the body is only the beginning. */
  readonly isStray: boolean;
  /** A failure's code, or the name of another error. */
  readonly code: string;
  readonly error: string;
  readonly attempts: number;
  readonly diedAt: Date;
  /** A redrive was asked for, and its outcome is open. */
  readonly redriven: boolean;
}

/** Dead letters of the same consumer, type and code. */
export interface DeadLetterGroup {
  readonly consumer: string;
  readonly topic: string;
  readonly type: string | null;
  readonly code: string;
  readonly count: number;
  /** The error of the youngest. */
  readonly error: string;
  readonly firstDiedAt: Date;
  readonly lastDiedAt: Date;
}

/** Which dead letters are meant; all that is left out matches any. */
export interface DeadLetterFilter {
  readonly consumer?: string | undefined;
  /** Those of any of these consumers. */
  readonly consumers?: readonly string[] | undefined;
  readonly topic?: string | undefined;
  readonly type?: string | undefined;
  readonly code?: string | undefined;
  readonly ids?: readonly number[] | undefined;
}

/** A dead letter as the consumer buries it. */
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

/** The dead letters of all consumers: to be looked at, and to be tried again when their cause is gone. */
export class DeadLetters {
  constructor(private readonly pool: Pool) {}

  /** With one connection of its own to the app's database; end the pool when done. */
  static connect(url: string, applicationName: string): { deadLetters: DeadLetters; close: () => Promise<void> } {
    const pool = createPool({ url, schema: EVENTS_SCHEMA, applicationName, poolMax: 1 });
    return { deadLetters: new DeadLetters(pool), close: () => pool.end() };
  }

  /** The oldest first; `afterId` goes on from a page's last. */
  async list(filter: DeadLetterFilter = {}, limit = 100, afterId = 0): Promise<DeadLetter[]> {
    const sql = `SELECT ${COLUMNS} FROM dead_letter WHERE ${MATCHES} AND id > $7 ORDER BY id LIMIT $8`;
    return (await this.pool.query<DeadLetter>(sql, [...valuesOf(filter), afterId, limit])).rows;
  }

  /** By consumer, type and code, the most frequent first. */
  async groups(filter: DeadLetterFilter = {}): Promise<DeadLetterGroup[]> {
    const sql = `
      SELECT consumer, topic, type, code, count(*)::int AS count, (array_agg(error ORDER BY id DESC))[1] AS error,
        min(died_at) AS "firstDiedAt", max(died_at) AS "lastDiedAt"
      FROM dead_letter WHERE ${MATCHES} GROUP BY consumer, topic, type, code ORDER BY count(*) DESC, max(id) DESC`;
    return (await this.pool.query<DeadLetterGroup>(sql, valuesOf(filter))).rows;
  }

  /**
   * Has their consumers try them again, once each and soon; returns how many there are. What succeeds is no dead letter
   * any more. It comes after younger events of its key, for which a handler has to be prepared.
   */
  async redrive(filter: DeadLetterFilter = {}): Promise<number> {
    const sql = `UPDATE dead_letter SET redriven_at = now() WHERE ${MATCHES} AND redriven_at IS NULL`;
    return (await this.pool.query(sql, valuesOf(filter))).rowCount ?? 0;
  }

  /** Gives them up for good. */
  async discard(filter: DeadLetterFilter): Promise<number> {
    return (await this.pool.query(`DELETE FROM dead_letter WHERE ${MATCHES}`, valuesOf(filter))).rowCount ?? 0;
  }

  /** Writes down what a consumer could not handle; once more what was redriven in vain. There is none that it can't store. */
  async bury(letter: Burial): Promise<void> {
    const { body, isEscaped } = letter.isEscaped ? letter : storableBody(letter.body);
    // A stranger may have chosen an id that is beyond any position.
    const position = Math.min(letter.position, Number.MAX_SAFE_INTEGER);
    await this.pool.query(BURY, [
      letter.consumer, letter.topic, letter.partition, position, nameFrom(letter.eventId), nameFrom(letter.type),
      nameFrom(letter.key), body, isEscaped, letter.isStray, storableText(letter.code), storableText(letter.error),
      letter.attempts,
    ]);
  }

  /** Those of some partitions that are to be tried again. */
  async redriven(
    consumer: string, places: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<DeadLetter[]> {
    const values = [consumer, places.map(({ topic }) => topic), places.map(({ partition }) => partition)];
    return (await this.pool.query<DeadLetter>({ name: 'dead-letters-redriven', text: REDRIVEN, values })).rows;
  }
}

/** An event's own word, which may be anything. */
function nameFrom(name: unknown): string | null {
  return typeof name === 'string' ? storableText(name) : null;
}

function valuesOf({ consumer, topic, type, code, ids, consumers }: DeadLetterFilter): unknown[] {
  return [consumer ?? null, topic ?? null, type ?? null, code ?? null, ids ?? null, consumers ?? null];
}

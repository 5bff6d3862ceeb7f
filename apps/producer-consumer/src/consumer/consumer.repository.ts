import type { Pool } from 'pg';
import { queryStore } from '../store/store.repository.ts';
import type { MessagePage, StoredMessage } from './history.ts';

/** A consumer in the store. */
export interface ConsumerRecord {
  /** A new id each time that the name is started. */
  readonly id: string;
  readonly name: string;
  /** Grows with each process that takes the consumer up. */
  readonly epoch: number;
  /** The id of the command that started the consumer. */
  readonly commandId: string;
  readonly startedAtMs: number;
}

/** A message to store, with the epoch of the consumer's process. */
export interface Append extends StoredMessage {
  readonly consumer: string;
  readonly epoch: number;
}

/** The outcome of an append: `stored` now, `known` from before, or `refused` because its epoch is outdated. */
export type AppendOutcome = 'stored' | 'known' | 'refused';

const RECORD = 'id, name, epoch::int AS epoch, command_id AS "commandId", started_at_ms::float8 AS "startedAtMs"';
const MESSAGE = 'seq::float8 AS seq, id, body AS json, at_ms::float8 AS "atMs"';

// The statement locks the rows of its consumers. A process that takes a consumer up meanwhile waits for it. If one has done so
// already, it has raised the epoch, which PostgreSQL checks again once the row is free.
const APPEND = `
  WITH sent AS MATERIALIZED (
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::bigint[])
      AS sent (consumer, epoch, seq, id, body, at_ms)
  ), held AS MATERIALIZED (
    SELECT id, epoch FROM consumer WHERE (id, epoch) IN (SELECT consumer, epoch FROM sent) ORDER BY id FOR SHARE
  ), stored AS (
    INSERT INTO consumer_message (consumer, seq, id, body, at_ms)
    SELECT sent.consumer, sent.seq, sent.id, sent.body, sent.at_ms
    FROM sent JOIN held ON held.id = sent.consumer AND held.epoch = sent.epoch
    ON CONFLICT (consumer, id) DO NOTHING
    RETURNING consumer, seq
  )
  SELECT sent.consumer, sent.epoch::int AS epoch, sent.seq::float8 AS seq,
         CASE WHEN stored.seq IS NOT NULL THEN 'stored' WHEN held.id IS NOT NULL THEN 'known' ELSE 'refused' END AS is
  FROM sent
  LEFT JOIN held ON held.id = sent.consumer AND held.epoch = sent.epoch
  LEFT JOIN stored ON stored.consumer = sent.consumer AND stored.seq = sent.seq`;

const STOPS_KEPT_MS = 24 * 60 * 60 * 1_000;
const REMOVE = `
  WITH old AS (DELETE FROM consumer_stop WHERE at_ms < $5),
       gone AS (DELETE FROM consumer WHERE id = $1 AND epoch = $2 RETURNING tenant)
  INSERT INTO consumer_stop (tenant, command_id, at_ms) SELECT tenant, $3, $4 FROM gone
  ON CONFLICT (tenant, command_id) DO UPDATE SET at_ms = $4 RETURNING command_id`;

// A page has at most this much text, unless its first message alone is longer.
const PAGE_CHARS_MAX = 262_144;
const PAGE = `
  SELECT ${MESSAGE}, found::int AS found
  FROM (
    SELECT *, sum(length(body)) OVER places AS chars, row_number() OVER places AS place, count(*) OVER () AS found
    FROM (SELECT * FROM consumer_message WHERE consumer = $1 AND seq > $2 ORDER BY seq LIMIT $3 + 1) AS after
    WINDOW places AS (ORDER BY seq)
  ) AS measured
  WHERE place <= $3 AND (chars <= ${PAGE_CHARS_MAX} OR place = 1)
  ORDER BY seq`;

/** Stores consumers and their messages in PostgreSQL. Every method throws `StoreFailure.unavailable`. */
export class ConsumerRepository {
  /** `pages` is a pool for reading pages, so that reads do not delay commits. */
  constructor(
    private readonly pool: Pool,
    private readonly pages: Pool,
  ) {}

  /** Creates a consumer. Resolves with false if the name is taken. */
  async create(tenant: string, record: ConsumerRecord): Promise<boolean> {
    const rows = await queryStore(
      this.pool,
      `INSERT INTO consumer (id, tenant, name, command_id, started_at_ms) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (tenant, name) DO NOTHING RETURNING id`,
      [record.id, tenant, record.name, record.commandId, record.startedAtMs],
    );
    return rows.length === 1;
  }

  async find(tenant: string, name: string): Promise<ConsumerRecord | undefined> {
    const [row] = await queryStore<ConsumerRecord>(
      this.pool, `SELECT ${RECORD} FROM consumer WHERE tenant = $1 AND name = $2`, [tenant, name],
    );
    return row;
  }

  /** Takes a consumer up by raising its epoch: earlier processes can no longer write. Resolves with undefined if it does not exist. */
  async takeUp(tenant: string, name: string): Promise<ConsumerRecord | undefined> {
    const [row] = await queryStore<ConsumerRecord>(
      this.pool,
      `UPDATE consumer SET epoch = epoch + 1 WHERE tenant = $1 AND name = $2 RETURNING ${RECORD}`,
      [tenant, name],
    );
    return row;
  }

  /** Deletes a consumer and its messages, and remembers the command. Resolves with false if the epoch is outdated. */
  async remove({ id, epoch }: ConsumerRecord, commandId: string, nowMs: number): Promise<boolean> {
    const rows = await queryStore(this.pool, REMOVE, [id, epoch, commandId, nowMs, nowMs - STOPS_KEPT_MS]);
    return rows.length === 1;
  }

  /** Whether this command stopped a consumer in the last day. */
  async wasStoppedBy(tenant: string, commandId: string): Promise<boolean> {
    const rows = await queryStore(
      this.pool, 'SELECT 1 FROM consumer_stop WHERE tenant = $1 AND command_id = $2', [tenant, commandId],
    );
    return rows.length === 1;
  }

  /** A page of consumers after a name, sorted by name. */
  list(tenant: string, after: string, limit: number): Promise<readonly ConsumerRecord[]> {
    return queryStore<ConsumerRecord>(
      this.pages,
      `SELECT ${RECORD} FROM consumer WHERE tenant = $1 AND name COLLATE "C" > $2
       ORDER BY name COLLATE "C" LIMIT $3`,
      [tenant, after, limit],
    );
  }

  /** Stores messages of any number of consumers in one commit. Resolves with their outcomes, in the same order. */
  async append(appends: readonly Append[]): Promise<readonly AppendOutcome[]> {
    const column = <K extends keyof Append>(name: K): Append[K][] => appends.map((append) => append[name]);
    const rows = await queryStore<{ consumer: string; epoch: number; seq: number; is: AppendOutcome }>(this.pool, APPEND, [
      column('consumer'), column('epoch'), column('seq'), column('id'), column('json'), column('atMs'),
    ]);
    const key = ({ consumer, epoch, seq }: Pick<Append, 'consumer' | 'epoch' | 'seq'>): string =>
      `${consumer} ${epoch} ${seq}`;
    const outcomes = new Map(rows.map((row) => [key(row), row.is]));
    return appends.map((append) => outcomes.get(key(append)) ?? 'refused');
  }

  async message(consumer: string, id: string): Promise<StoredMessage | undefined> {
    const [row] = await queryStore<StoredMessage>(
      this.pool, `SELECT ${MESSAGE} FROM consumer_message WHERE consumer = $1 AND id = $2`, [consumer, id],
    );
    return row;
  }

  /** A page of at most `limit` messages after a position. It is shorter if the messages are long, because a frame has to hold it. */
  async page(consumer: string, after: number, limit: number): Promise<MessagePage> {
    const rows = await queryStore<StoredMessage & { found: number }>(this.pages, PAGE, [consumer, after, limit]);
    const messages = rows.map(({ found: _found, ...message }) => message);
    return { messages, more: messages.length < (rows[0]?.found ?? 0) };
  }

  /** The latest messages after a position, at most `limit`, oldest first. */
  async latest(consumer: string, after: number, limit: number): Promise<readonly StoredMessage[]> {
    const rows = await queryStore<StoredMessage>(
      this.pool,
      `SELECT ${MESSAGE} FROM consumer_message WHERE consumer = $1 AND seq > $2 ORDER BY seq DESC LIMIT $3`,
      [consumer, after, limit],
    );
    return rows.reverse();
  }
}

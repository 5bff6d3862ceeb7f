import type { Recorded, RecordedRow } from '../journal-storage.ts';
import { commandIdFrom } from './stored-keys.ts';

/** A statement that each connection prepares once, under its name. */
export interface Prepared {
  readonly name: string;
  readonly text: string;
}

const prepared = (name: string, text: string): Prepared => ({ name: `journal_${name}`, text });

const ROW = [
  'pos', 'shard', 'epoch', 'actor', 'command_id', 'payload_hash', 'events', 'outcome', 'at_ms',
];
const SELECTED = ROW.slice(0, -1).concat('extract(epoch FROM at)::float8 * 1000 AS at_ms').join(', ');

export const queries = {
  owners: prepared('owners', `
    SELECT given.shard, coalesce(epoch, 0) AS epoch, owner
    FROM unnest($1::int[]) WITH ORDINALITY AS given (shard, place) LEFT JOIN shard_lease USING (shard)
    ORDER BY place`),

  claim: prepared('claim', 'SELECT granted, epoch, owner FROM journal_claim($1, $2, $3, $4)'),

  release: prepared('release', 'SELECT journal_release($1, $2) AS released'),

  // Only backends of the shard's recorded owner, and only while they block the claim of backend $2.
  terminateBlockers: prepared('terminate_blockers', `
    SELECT pg_terminate_backend(pid) FROM unnest(pg_blocking_pids($2)) AS blocker (pid)
    JOIN pg_stat_activity AS activity USING (pid)
    JOIN shard_lease ON shard = $1 AND owner = activity.application_name`),

  commit: prepared('commit', `
    SELECT row_no, reason, recorded_seq, recorded_payload_hash, recorded_outcome
    FROM journal_commit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`),

  // One statement, hence one snapshot: pruning never falls between an actor's snapshot and its rows. OFFSET 0 keeps the
  // planner at one index look-up per actor, whatever size it assumes for the table.
  load: prepared('load', `
    WITH given AS MATERIALIZED (
      SELECT * FROM unnest($1::int[], $2::uuid[], $3::text[], $4::bigint[]) WITH ORDINALITY
        AS given (for_shard, for_key, for_actor, up_to_seq, request)
      LEFT JOIN LATERAL (
        SELECT seq AS base_seq, schema_version, state FROM snapshot
        WHERE shard = for_shard AND actor_key = for_key AND actor = for_actor AND seq <= up_to_seq
        ORDER BY seq DESC LIMIT 1
      ) AS latest ON true
    )
    SELECT request, base_seq AS seq, schema_version, state, ${ROW.map((column) => `NULL AS ${column}`).join(', ')}
    FROM given WHERE base_seq IS NOT NULL
    UNION ALL
    SELECT request, seq, NULL, NULL, ${ROW.join(', ')} FROM given CROSS JOIN LATERAL (
      SELECT seq, ${SELECTED} FROM journal
      WHERE shard = for_shard AND actor_key = for_key AND actor = for_actor
        AND seq > coalesce(base_seq, 0) AND seq <= up_to_seq
      OFFSET 0
    ) AS later
    ORDER BY request, seq`),

  history: prepared('history', `
    SELECT seq, ${SELECTED} FROM journal
    WHERE shard = $1 AND actor_key = $2 AND actor = $3 AND seq > $4 ORDER BY seq LIMIT $5`),

  findByCommandId: prepared('find_by_command_id', `
    SELECT seq, payload_hash, outcome FROM journal
    WHERE shard = $1 AND actor_key = $2 AND actor = $3 AND command_id = $4`),

  saveSnapshot: prepared('save_snapshot', `
    INSERT INTO snapshot (shard, actor_key, actor, seq, schema_version, state)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`),

  readAfter: prepared('read_after', `
    SELECT entry.* FROM
      unnest($1::int[], $2::bigint[]) WITH ORDINALITY AS given (for_shard, after, place)
    CROSS JOIN LATERAL (
      SELECT seq, ${SELECTED} FROM journal
      WHERE shard = for_shard AND pos > after ORDER BY pos LIMIT $3
    ) AS entry
    ORDER BY place, pos`),

  checkpoints: prepared('checkpoints', 'SELECT shard, pos FROM consumer_checkpoint WHERE consumer = $1'),

  saveCheckpoints: prepared('save_checkpoints', `
    INSERT INTO consumer_checkpoint AS known (consumer, shard, pos)
    SELECT $1, shard, pos FROM unnest($2::int[], $3::bigint[]) AS given (shard, pos)
    ON CONFLICT (consumer, shard) DO UPDATE SET pos = greatest(known.pos, excluded.pos)`),

  forgetConsumer: prepared('forget_consumer', 'DELETE FROM consumer_checkpoint WHERE consumer = $1'),

  prune: prepared('prune', 'SELECT journal_prune($1, $2, $3) AS deleted'),
};

/** A row of `history`, `load` or `readAfter` as `pg` returns it: `bigint` comes as text. */
export interface RawRow {
  readonly pos: string;
  readonly seq: string;
  readonly shard: number;
  readonly epoch: number;
  readonly actor: string;
  readonly command_id: Buffer;
  readonly payload_hash: Buffer;
  readonly events: Buffer;
  readonly outcome: Buffer;
  readonly at_ms: number;
}

export function recordedRow(raw: RawRow): RecordedRow {
  return {
    pos: Number(raw.pos),
    seq: Number(raw.seq),
    shard: raw.shard,
    epoch: raw.epoch,
    actor: raw.actor,
    commandId: commandIdFrom(raw.command_id),
    payloadHash: raw.payload_hash,
    events: raw.events,
    outcome: raw.outcome,
    atMs: raw.at_ms,
  };
}

export function recorded(raw: Pick<RawRow, 'seq' | 'payload_hash' | 'outcome'>): Recorded {
  return { seq: Number(raw.seq), payloadHash: raw.payload_hash, outcome: raw.outcome };
}

import { retentionFloorMs } from '../journal-storage.ts';

// They run as their owner, the maintenance role, so the search path must be theirs and not the caller's.
const settings = (schema: string): string =>
  `LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = ${schema}, pg_temp`;

/**
 * Writes a batch, and reports the refused rows with reasons. Each row names its lease, a shard and an epoch, by its
 * index in the first two arrays, which are sorted. VOLATILE under READ COMMITTED gives each statement a snapshot of its
 * own. The fence needs that: the epochs are compared in a snapshot taken after the lease rows were locked. FOR SHARE is
 * used since with a weaker lock a stale owner did commit after a takeover. The order is sorted, so that calls never
 * deadlock. SKIP LOCKED makes a running takeover refuse its own shard's rows and hold up no others.
 */
export function commitFunction(schema: string): string {
  return `
CREATE FUNCTION journal_commit(
  shards int[], epochs int[], leases int[], actor_keys uuid[], actors text[], seqs bigint[],
  command_ids bytea[], payload_hashes bytea[], events bytea[], outcomes bytea[]
) RETURNS TABLE (
  row_no bigint, reason text, recorded_seq bigint, recorded_payload_hash bytea, recorded_outcome bytea
) ${settings(schema)} SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  locked int[];
  valid_epochs int[];
  refused bigint[];
  reasons text[];
  recorded_seqs bigint[];
BEGIN
  locked := ARRAY(
    SELECT shard FROM shard_lease WHERE shard = ANY (shards) ORDER BY shard FOR SHARE SKIP LOCKED);
  -- A statement of its own: this snapshot is younger than the locks.
  valid_epochs := ARRAY(SELECT epoch FROM shard_lease WHERE shard = ANY (shards) ORDER BY shard);

  -- Nearly always every row is fenced, and no unique key has anything against it.
  IF locked = shards AND valid_epochs = epochs THEN
    BEGIN
      INSERT INTO journal
        (shard, epoch, actor_key, actor, seq, command_id, payload_hash, events, outcome)
      SELECT shards[lease], epochs[lease], actor_key, actor, seq, command_id, payload_hash, event, outcome
      FROM unnest(leases, actor_keys, actors, seqs, command_ids, payload_hashes, events, outcomes)
        AS given (lease, actor_key, actor, seq, command_id, payload_hash, event, outcome);
      RETURN;
    EXCEPTION WHEN unique_violation THEN
      NULL; -- none of the batch is in; what stood in the way is found below
    END;
  END IF;

  WITH given AS MATERIALIZED (
    SELECT shards[lease] AS shard, epochs[lease] AS epoch, actor_key, seq, command_id, row_no
    FROM unnest(leases, actor_keys, seqs, command_ids) WITH ORDINALITY
      AS given (lease, actor_key, seq, command_id, row_no)
  ), checked AS MATERIALIZED (
    SELECT given.*,
      shard = ANY (locked) AND epoch =
        (SELECT lease.epoch FROM shard_lease AS lease WHERE lease.shard = given.shard) AS fenced,
      (SELECT known.seq FROM journal AS known WHERE known.shard = given.shard
        AND known.actor_key = given.actor_key AND known.command_id = given.command_id) AS recorded_seq,
      (SELECT known.seq FROM journal AS known WHERE known.shard = given.shard
        AND known.actor_key = given.actor_key AND known.seq = given.seq) AS taken_seq,
      count(*) OVER (PARTITION BY shard, actor_key, seq) AS with_this_seq,
      count(*) OVER (PARTITION BY shard, actor_key, command_id) AS with_this_id
    FROM given
  ), judged AS MATERIALIZED (
    SELECT shard, actor_key, row_no, recorded_seq,
      CASE WHEN fenced IS NOT TRUE THEN 'fenced'
           WHEN recorded_seq IS NOT NULL THEN 'duplicate'
           WHEN taken_seq IS NOT NULL OR with_this_seq > 1 THEN 'conflict'
           WHEN with_this_id > 1 THEN 'sibling' END AS reason
    FROM checked
  )
  -- An actor's rows stand or fall together: each was decided on the state that those before it made.
  SELECT coalesce(array_agg(row_no), '{}'), array_agg(coalesce(reason, 'sibling')), array_agg(recorded_seq)
  INTO refused, reasons, recorded_seqs
  FROM judged
  WHERE (shard, actor_key) IN (SELECT shard, actor_key FROM judged WHERE reason IS NOT NULL);

  INSERT INTO journal
    (shard, epoch, actor_key, actor, seq, command_id, payload_hash, events, outcome)
  SELECT shards[lease], epochs[lease], actor_key, actor, seq, command_id, payload_hash, event, outcome
  FROM unnest(leases, actor_keys, actors, seqs, command_ids, payload_hashes, events, outcomes)
    WITH ORDINALITY AS given
      (lease, actor_key, actor, seq, command_id, payload_hash, event, outcome, row_no)
  WHERE row_no <> ALL (refused)
  ORDER BY row_no;

  RETURN QUERY
  SELECT refusal.row_no, refusal.reason, known.seq, known.payload_hash, known.outcome
  FROM unnest(refused, reasons, recorded_seqs) AS refusal (row_no, reason, seq)
  LEFT JOIN journal AS known ON known.shard = shards[leases[refusal.row_no]]
    AND known.actor_key = actor_keys[refusal.row_no] AND known.seq = refusal.seq
  ORDER BY refusal.row_no;
END $$`;
}

/**
 * A compare-and-set on the epoch. The UPDATE waits for every commit that holds the row FOR SHARE, and a later call sees
 * the new epoch. A repeated token finds itself in the row.
 */
export function claimFunction(schema: string): string {
  return `
CREATE FUNCTION journal_claim(p_shard int, expected_epoch int, p_owner text, token text)
RETURNS TABLE (granted boolean, epoch int, owner text) ${settings(schema)} AS $$
#variable_conflict use_column
BEGIN
  INSERT INTO shard_lease (shard, epoch) VALUES (p_shard, 0) ON CONFLICT DO NOTHING;
  UPDATE shard_lease SET epoch = epoch + 1, owner = p_owner, claim_token = token
  WHERE shard = p_shard AND epoch = expected_epoch;
  RETURN QUERY
  SELECT claim_token IS NOT DISTINCT FROM token, epoch, owner FROM shard_lease WHERE shard = p_shard;
END $$`;
}

/** Keeps the epoch, so that the next claim counts on from it. */
export function releaseFunction(schema: string): string {
  return `
CREATE FUNCTION journal_release(p_shard int, held_epoch int) RETURNS boolean ${settings(schema)} AS $$
BEGIN
  UPDATE shard_lease SET owner = NULL, claim_token = NULL
  WHERE shard = p_shard AND epoch = held_epoch AND owner IS NOT NULL;
  RETURN FOUND;
END $$`;
}

/**
 * Deletes, per actor, everything below the newest snapshot whose row is old enough and read by every consumer. That row
 * and that snapshot stay, so the kept history can be rebuilt from its first row.
 */
export function pruneFunction(schema: string): string {
  return `
CREATE FUNCTION journal_prune(p_shard int, retention_ms bigint, actors_max int)
RETURNS int ${settings(schema)} SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
  read_pos bigint;
  old_before timestamptz :=
    statement_timestamp() - greatest(retention_ms, ${retentionFloorMs}) * interval '1 millisecond';
  cut_keys uuid[];
  cut_seqs bigint[];
  deleted int;
BEGIN
  -- A consumer that has no checkpoint for this shard yet has read nothing of it.
  SELECT min(coalesce(checkpoint.pos, 0)) INTO read_pos
  FROM (SELECT DISTINCT consumer FROM consumer_checkpoint) AS known
  LEFT JOIN consumer_checkpoint AS checkpoint
    ON checkpoint.consumer = known.consumer AND checkpoint.shard = p_shard;

  SELECT array_agg(actor_key), array_agg(seq) INTO cut_keys, cut_seqs FROM (
    SELECT actor_key, max(snapshot.seq) AS seq
    FROM snapshot JOIN journal USING (shard, actor_key, seq)
    WHERE shard = p_shard AND at < old_before AND (read_pos IS NULL OR pos <= read_pos)
      AND EXISTS (SELECT FROM journal AS below WHERE below.shard = p_shard
        AND below.actor_key = snapshot.actor_key AND below.seq < snapshot.seq)
    GROUP BY actor_key
    LIMIT actors_max
  ) AS cut;

  DELETE FROM snapshot USING unnest(cut_keys, cut_seqs) AS cut (key, first_seq)
  WHERE shard = p_shard AND actor_key = key AND seq < first_seq;
  DELETE FROM journal USING unnest(cut_keys, cut_seqs) AS cut (key, first_seq)
  WHERE shard = p_shard AND actor_key = key AND seq < first_seq;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END $$`;
}

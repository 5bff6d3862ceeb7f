import type { Pool } from 'pg';

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A consumer's position in a partition. */
export interface Checkpoint extends TopicPartition {
  readonly position: number;
  readonly resumeAt: string | null;
}

/** The owners of a consumer's partitions, at one moment. */
export interface LeaseView {
  readonly places: readonly (TopicPartition & { readonly owner: string | null })[];
  /** Living processes of this consumer. */
  readonly members: number;
  /** Whether a redrive of some dead letter was requested. */
  readonly hasRedriven: boolean;
}

// One round trip per beat: renews this process's lease, which covers all its partitions, and returns the leases of all.
const BEAT = `
  WITH alive AS (
    INSERT INTO consumer_member (consumer, member, alive_until)
    VALUES ($1, $2, now() + $3 * interval '1 millisecond')
    ON CONFLICT (consumer, member) DO UPDATE SET alive_until = excluded.alive_until
  ), others AS (
    SELECT member FROM consumer_member WHERE consumer = $1 AND member <> $2 AND alive_until > now()
  )
  SELECT topic, partition, CASE WHEN owner = $2 OR owner IN (SELECT member FROM others) THEN owner END AS owner,
    1 + (SELECT count(*)::int FROM others) AS members,
    EXISTS (SELECT FROM dead_letter WHERE consumer = $1 AND redriven_at IS NOT NULL) AS "hasRedriven"
  FROM checkpoint WHERE consumer = $1 AND topic = ANY ($4)`;

const REGISTER = `
  INSERT INTO checkpoint (consumer, topic, partition)
  SELECT $1, topic, partition FROM unnest($2::text[]) AS given (topic), generate_series(0, $3::int - 1) AS partition
  ON CONFLICT DO NOTHING`;

const CLAIM = `
  UPDATE checkpoint SET owner = $2
  FROM unnest($3::text[], $4::int[]) AS given (topic, partition)
  WHERE consumer = $1 AND checkpoint.topic = given.topic AND checkpoint.partition = given.partition
    AND (owner = $2 OR NOT EXISTS (
      SELECT FROM consumer_member WHERE consumer = $1 AND member = owner AND alive_until > now()))
  RETURNING checkpoint.topic, checkpoint.partition, position::float8 AS position, resume_at AS "resumeAt"`;

// The saved position never falls, whichever process saves last.
const SAVE = `
  UPDATE checkpoint SET position = given.position, resume_at = given.resume_at
  FROM unnest($2::text[], $3::int[], $4::bigint[], $5::text[]) AS given (topic, partition, position, resume_at)
  WHERE consumer = $1 AND checkpoint.topic = given.topic AND checkpoint.partition = given.partition
    AND given.position > checkpoint.position`;

const RELEASE = `
  UPDATE checkpoint SET owner = NULL
  FROM unnest($3::text[], $4::int[]) AS given (topic, partition)
  WHERE consumer = $1 AND owner = $2
    AND checkpoint.topic = given.topic AND checkpoint.partition = given.partition`;

const LEAVE = `DELETE FROM consumer_member WHERE consumer = $1 AND (member = $2 OR alive_until < now())`;

const WANT_REWIND = `
  UPDATE checkpoint SET wants_rewind = true WHERE consumer = $1 AND topic = $2 AND partition = $3`;

/** The positions and leases of one consumer's partitions, as one of its processes sees them. */
export class CheckpointRepository {
  constructor(
    private readonly pool: Pool,
    private readonly consumer: string,
    private readonly member: string,
  ) {}

  /** Creates the rows of a new consumer. From now on events are kept for it. */
  async register(topics: readonly string[], partitions: number): Promise<void> {
    await this.pool.query(REGISTER, [this.consumer, topics, partitions]);
  }

  async beat(topics: readonly string[], leaseMs: number): Promise<LeaseView> {
    const { rows } = await this.pool.query<TopicPartition & { owner: string | null; members: number; hasRedriven: boolean }>({
      name: 'consumer-beat', text: BEAT, values: [this.consumer, this.member, leaseMs, topics],
    });
    return { places: rows, members: rows[0]?.members ?? 1, hasRedriven: rows[0]?.hasRedriven ?? false };
  }

  /** Returns the claimed partitions with their positions. */
  async claim(places: readonly TopicPartition[]): Promise<Checkpoint[]> {
    const values = [this.consumer, this.member, ...columnsOf(places)];
    return (await this.pool.query<Checkpoint>(CLAIM, values)).rows;
  }

  async save(checkpoints: readonly Checkpoint[]): Promise<void> {
    const values = [
      this.consumer, ...columnsOf(checkpoints),
      checkpoints.map(({ position }) => position), checkpoints.map(({ resumeAt }) => resumeAt),
    ];
    await this.pool.query({ name: 'consumer-save', text: SAVE, values });
  }

  async release(places: readonly TopicPartition[]): Promise<void> {
    await this.pool.query(RELEASE, [this.consumer, this.member, ...columnsOf(places)]);
  }

  async leave(): Promise<void> {
    await this.pool.query(LEAVE, [this.consumer, this.member]);
  }

  async wantRewind({ topic, partition }: TopicPartition): Promise<void> {
    await this.pool.query(WANT_REWIND, [this.consumer, topic, partition]);
  }
}

function columnsOf(places: readonly TopicPartition[]): [string[], number[]] {
  return [places.map(({ topic }) => topic), places.map(({ partition }) => partition)];
}

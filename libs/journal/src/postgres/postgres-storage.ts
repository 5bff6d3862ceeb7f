import { asDatabaseError, createPool, dataRefusal, unavailableReason } from '@aisle/persistence';
import type { DataRefusal } from '@aisle/persistence';
import type { Runtime } from '@aisle/std';
import type { Pool, PoolClient } from 'pg';
import type {
  ActorHistory, ActorKey, ClaimAnswer, CommitAnswer, JournalRow, JournalStorage, LoadRequest, PruneLimits,
  Recorded, RecordedRow, Refusal, ShardOwner, ShardPosition, Snapshot,
} from '../journal-storage.ts';
import { binaryArray, bytea, int4, int8, text } from './binary-array.ts';
import { queries, recorded, recordedRow } from './journal-queries.ts';
import type { Prepared, RawRow } from './journal-queries.ts';
import { actorKeyBytes, commandIdBytes, storedActor, storedCommandId } from './stored-keys.ts';

/** The database, this process's name in it, and its connections. */
export interface PostgresStorageOptions {
  readonly runtime: Pick<Runtime, 'timers'>;
  /** The app's own URL, to the primary, directly or through a pooler in session mode. */
  readonly url: string;
  readonly schema: string;
  /** Names this life of the process and its connections, so that a node that takes over knows which ones to cut. */
  readonly incarnation: string;
  /** Connections that commit, one per lane; 3 by default. Reads and claims take four more. */
  readonly lanes?: number | undefined;
}

// A claim that waits longer is blocked by a frozen owner, which must be cut off.
const CLAIM_PATIENCE_MS = 300;
const CLAIMS_MAX = 2;
const READS_MAX = 2;

/** The journal in PostgreSQL. Connects at the first call, and again by itself after a loss. */
export class PostgresStorage implements JournalStorage {
  readonly incarnation: string;
  readonly lanes: number;
  private readonly committers: readonly Pool[];
  private readonly claims: Pool;
  private readonly reads: Pool;

  constructor(private readonly options: PostgresStorageOptions) {
    this.incarnation = options.incarnation;
    const pool = (poolMax: number): Pool =>
      createPool({
        url: options.url,
        schema: options.schema,
        applicationName: options.incarnation,
        poolMax,
        connectTimeoutMs: 2_000,
        statementTimeoutMs: 5_000,
        lockTimeoutMs: 5_000,
      });
    this.lanes = options.lanes ?? 3;
    this.committers = Array.from({ length: this.lanes }, () => pool(1));
    this.claims = pool(CLAIMS_MAX);
    this.reads = pool(READS_MAX);
  }

  owners(shards: readonly number[]): Promise<ShardOwner[]> {
    return this.read<ShardOwner>(queries.owners, [binaryArray(int4, shards, (shard) => shard)]);
  }

  async claim(shard: number, expectedEpoch: number, token: string): Promise<ClaimAnswer> {
    const client = await this.connect(this.claims);
    const watch = this.options.runtime.timers.every(CLAIM_PATIENCE_MS, () => {
      // If this attempt fails, the next one comes, or the claim itself fails.
      this.read(queries.terminateBlockers, [shard, client.processID]).catch(() => undefined);
    });
    let failure: unknown;
    try {
      const { rows } = await client.query<Omit<ClaimAnswer, 'shard'>>({
        ...queries.claim, values: [shard, expectedEpoch, this.incarnation, token],
      });
      return { shard, ...only(rows) };
    } catch (error) {
      failure = error;
      throw asDatabaseError(this.options.url, error);
    } finally {
      watch.cancel();
      client.release(failure !== undefined);
    }
  }

  async release(shard: number, epoch: number): Promise<boolean> {
    return only(await this.read<{ released: boolean }>(queries.release, [shard, epoch])).released;
  }

  async commit(lane: number, rows: readonly JournalRow[]): Promise<CommitAnswer> {
    let client: PoolClient;
    try {
      client = await (this.committers[lane] as Pool).connect();
    } catch (error) {
      return { kind: 'failed', reason: reasonOf(error) };
    }
    try {
      const result = await client.query<RawRefusal>({ ...queries.commit, values: commitValues(rows) });
      client.release();
      return { kind: 'answered', refusals: result.rows.map(refusal) };
    } catch (error) {
      const refusal = unstorable(error);
      // The connection is still good, and the rest of the batch follows on it at once.
      client.release(refusal === undefined);
      if (refusal) return { kind: 'unstorable', refusal };
      return { kind: isRolledBack(error) ? 'failed' : 'unknown', reason: reasonOf(error) };
    }
  }

  async load(requests: readonly LoadRequest[]): Promise<ActorHistory[]> {
    const found = await this.read<RawLoaded>(queries.load, [
      binaryArray(int4, requests, ({ shard }) => shard),
      binaryArray(actorKeyBytes, requests, ({ actor }) => actor),
      binaryArray(text, requests, ({ actor }) => actor),
      binaryArray(int8, requests, ({ upToSeq }) => upToSeq ?? Number.MAX_SAFE_INTEGER),
    ]);
    const histories = requests.map(({ shard, actor }) => ({
      shard, actor, snapshot: undefined as Snapshot | undefined, rows: [] as RecordedRow[],
    }));
    for (const raw of found) {
      const history = histories[Number(raw.request) - 1];
      if (!history) continue;
      if (raw.state === null) history.rows.push(recordedRow(raw));
      else history.snapshot = { seq: Number(raw.seq), schemaVersion: raw.schema_version, state: raw.state };
    }
    return histories;
  }

  async history(key: ActorKey, afterSeq: number, limit: number): Promise<RecordedRow[]> {
    const rows = await this.read<RawRow>(queries.history, [...stored(key), afterSeq, limit]);
    return rows.map(recordedRow);
  }

  async findByCommandId(key: ActorKey, commandId: string): Promise<Recorded | undefined> {
    const values = [...stored(key), storedCommandId(commandId)];
    const [row] = await this.read<RawRow>(queries.findByCommandId, values);
    return row && recorded(row);
  }

  async saveSnapshot(key: ActorKey, { seq, schemaVersion, state }: Snapshot): Promise<void> {
    await this.read(queries.saveSnapshot, [...stored(key), seq, schemaVersion, state]);
  }

  async readAfter(positions: readonly ShardPosition[], limit: number): Promise<RecordedRow[]> {
    const rows = await this.read<RawRow>(queries.readAfter, [...columnsOf(positions), limit]);
    return rows.map(recordedRow);
  }

  async checkpoints(consumer: string): Promise<ShardPosition[]> {
    const rows = await this.read<{ shard: number; pos: string }>(queries.checkpoints, [consumer]);
    return rows.map(({ shard, pos }) => ({ shard, pos: Number(pos) }));
  }

  async saveCheckpoints(consumer: string, positions: readonly ShardPosition[]): Promise<void> {
    await this.read(queries.saveCheckpoints, [consumer, ...columnsOf(positions)]);
  }

  async forgetConsumer(consumer: string): Promise<void> {
    await this.read(queries.forgetConsumer, [consumer]);
  }

  async prune(shard: number, { retentionMs, actorsMax }: PruneLimits): Promise<number> {
    return only(await this.read<{ deleted: number }>(queries.prune, [shard, retentionMs, actorsMax])).deleted;
  }

  async close(): Promise<void> {
    await Promise.all([...this.committers, this.claims, this.reads].map((pool) => pool.end()));
  }

  private async connect(pool: Pool): Promise<PoolClient & { processID: number }> {
    try {
      return (await pool.connect()) as PoolClient & { processID: number };
    } catch (error) {
      throw asDatabaseError(this.options.url, error);
    }
  }

  private async read<R extends object>(query: Prepared, values: unknown[]): Promise<R[]> {
    try {
      return (await this.reads.query<R>({ ...query, values })).rows;
    } catch (error) {
      throw asDatabaseError(this.options.url, error);
    }
  }
}

interface RawRefusal {
  readonly row_no: string;
  readonly reason: Refusal['reason'];
  readonly recorded_seq: string;
  readonly recorded_payload_hash: Buffer;
  readonly recorded_outcome: Buffer;
}

type RawLoaded = RawRow & { readonly request: string } & (
  { readonly state: null } | { readonly state: Buffer; readonly schema_version: number });

function refusal(raw: RawRefusal): Refusal {
  const index = Number(raw.row_no) - 1;
  if (raw.reason !== 'duplicate') return { index, reason: raw.reason };
  const { recorded_seq: seq, recorded_payload_hash: payload_hash, recorded_outcome: outcome } = raw;
  return { index, reason: 'duplicate', recorded: recorded({ seq, payload_hash, outcome }) };
}

function commitValues(rows: readonly JournalRow[]): Buffer[] {
  const leases = distinctLeases(rows);
  const placeOf = new Map(leases.map((lease, index) => [lease, index + 1]));
  return [
    binaryArray(int4, leases, (lease) => Math.floor(lease / EPOCHS)),
    binaryArray(int4, leases, (lease) => lease % EPOCHS),
    binaryArray(int4, rows, (row) => placeOf.get(leaseOf(row)) as number),
    binaryArray(actorKeyBytes, rows, (row) => row.actor),
    binaryArray(text, rows, (row) => row.actor),
    binaryArray(int8, rows, (row) => row.seq),
    binaryArray(commandIdBytes, rows, (row) => row.commandId),
    binaryArray(bytea, rows, (row) => row.payloadHash),
    binaryArray(bytea, rows, (row) => row.events),
    binaryArray(bytea, rows, (row) => row.outcome),
  ];
}

// Shard and epoch in one number, which sorts by shard.
const EPOCHS = 2 ** 31;

function leaseOf({ shard, epoch }: JournalRow): number {
  return shard * EPOCHS + epoch;
}

function distinctLeases(rows: readonly JournalRow[]): number[] {
  return [...new Set(rows.map(leaseOf))].sort((one, other) => one - other);
}

function stored({ shard, actor }: ActorKey): [number, string, string] {
  return [shard, storedActor(actor).toString('hex'), actor];
}

function columnsOf(positions: readonly ShardPosition[]): [Buffer, Buffer] {
  return [binaryArray(int4, positions, ({ shard }) => shard), binaryArray(int8, positions, ({ pos }) => pos)];
}

function only<R>(rows: readonly R[]): R {
  return rows[0] as R;
}

// The function itself checks the journal's own unique keys. If one of them is violated after that, a writer has
// bypassed the fence (I2, I4), and no row is to blame.
function unstorable(error: unknown): DataRefusal | undefined {
  const refusal = dataRefusal(error);
  const isOwnKey = refusal?.sqlState === UNIQUE_VIOLATION && refusal.table === 'journal';
  return isOwnKey ? undefined : refusal;
}

const UNIQUE_VIOLATION = '23505';

// An error that the server reports for one statement has rolled that statement back. Errors of the connection, of a
// server that shuts down (57P), and internal ones (58, XX) say nothing about the commit.
function isRolledBack(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^(?!08|57P|58|XX|F0)[0-9A-Z]{5}$/.test(code);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return unavailableReason(error) ?? String(code ?? message);
}

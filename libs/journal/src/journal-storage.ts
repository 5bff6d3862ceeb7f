import type { DataRefusal } from '@aisle/persistence';

/** One actor: its shard, and its whole key `tenant/market/id`. */
export interface ActorKey {
  readonly shard: number;
  readonly actor: string;
}

/** One accepted command, as the journal keeps it. Bytes mean nothing to the storage. */
export interface JournalRow extends ActorKey {
  /** The epoch under which the writer owns the shard. */
  readonly epoch: number;
  /** The actor's version after this command: 1, 2, 3 … without a gap. */
  readonly seq: number;
  /** Any string of 1 to 128 characters, unique within its actor; a lower-case UUID takes 17 bytes. */
  readonly commandId: string;
  /** Up to 32 bytes by which the same id with another payload is told from a retry. */
  readonly payloadHash: Uint8Array;
  readonly events: Uint8Array;
  readonly outcome: Uint8Array;
}

/** A row that is committed. */
export interface RecordedRow extends JournalRow {
  /** Strictly rising per shard in commit order, with gaps. */
  readonly pos: number;
  /** When it was written, in milliseconds since 1970. */
  readonly atMs: number;
}

/** What the journal knows of a command id: enough to give the same answer again. */
export type Recorded = Pick<RecordedRow, 'seq' | 'payloadHash' | 'outcome'>;

/** Why a row was not written, by its index in the batch. */
export type Refusal =
  /** The shard has another owner by now, or is just being claimed. */
  | { readonly index: number; readonly reason: 'fenced' }
  /** The actor has this sequence number already: its writer's memory is not what is stored. */
  | { readonly index: number; readonly reason: 'conflict' }
  /** The actor has this command already. */
  | { readonly index: number; readonly reason: 'duplicate'; readonly recorded: Recorded }
  /** Nothing wrong with it, but another row of its actor was refused, or carries the same id. */
  | { readonly index: number; readonly reason: 'sibling' };

/** What became of a batch. A cut connection says nothing about the commit: hence `unknown`. */
export type CommitAnswer =
  /** All rows but the refused ones are durable. */
  | { readonly kind: 'answered'; readonly refusals: readonly Refusal[] }
  /** Certainly nothing was written. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Certainly nothing was written, because of the data of some row; without that row the others are taken. */
  | { readonly kind: 'unstorable'; readonly refusal: DataRefusal }
  /** Written or not, or still going to be: claim the shards again before loading anything of them. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Who owns a shard. The epoch only grows; 0 means nobody ever did. */
export interface ShardOwner {
  readonly shard: number;
  readonly epoch: number;
  /** The owner's incarnation; null after a release. */
  readonly owner: string | null;
}

/** `epoch` is the new one when granted, else the one that somebody else got ahead with. */
export interface ClaimAnswer extends ShardOwner {
  readonly granted: boolean;
}

/** An actor's saved state after its row `seq`. */
export interface Snapshot {
  readonly seq: number;
  readonly schemaVersion: number;
  readonly state: Uint8Array;
}

/** The latest snapshot not above what was asked for, and every row after it. */
export interface ActorHistory extends ActorKey {
  readonly snapshot: Snapshot | undefined;
  readonly rows: readonly RecordedRow[];
}

export interface LoadRequest extends ActorKey {
  /** Up to and with this sequence number; all of it unless told. */
  readonly upToSeq?: number | undefined;
}

/** How far a consumer of a shard's rows has come. */
export interface ShardPosition {
  readonly shard: number;
  readonly pos: number;
}

/** How much of the past goes in one call. */
export interface PruneLimits {
  /** Rows younger than this stay; never less than 24 hours, for which a retry gets its first answer. */
  readonly retentionMs: number;
  /** At most so many actors a call, so that it never runs long. */
  readonly actorsMax: number;
}

/**
 * Where the journal is kept, as one node sees it. Two implementations pass one contract suite: PostgreSQL,
 * and memory for the simulator. Calls reject with a failure of kind `unavailable` when the storage is away;
 * `commit` alone never rejects, because what it could not find out matters.
 */
export interface JournalStorage {
  /** This node's name for this life of its process: the owner of what it claims. */
  readonly incarnation: string;
  /** How many commits may run side by side. */
  readonly lanes: number;

  /** The owners of these shards; a shard that was never claimed has epoch 0. */
  owners(shards: readonly number[]): Promise<ShardOwner[]>;
  /**
   * Takes the shard if its epoch is still the expected one, and waits until every older commit has ended.
   * The same token again gets the same answer, so a lost answer is asked for again.
   */
  claim(shard: number, expectedEpoch: number, token: string): Promise<ClaimAnswer>;
  /** Gives the shard back, unless somebody else has it by now. */
  release(shard: number, epoch: number): Promise<boolean>;

  /**
   * Writes what is not refused, in one transaction. Calls of one lane run one after the other; all rows of
   * a shard travel in the same lane.
   */
  commit(lane: number, rows: readonly JournalRow[]): Promise<CommitAnswer>;

  load(requests: readonly LoadRequest[]): Promise<ActorHistory[]>;
  /** At most `limit` rows after `afterSeq`, oldest first, as far back as they are kept. */
  history(key: ActorKey, afterSeq: number, limit: number): Promise<RecordedRow[]>;
  findByCommandId(key: ActorKey, commandId: string): Promise<Recorded | undefined>;
  /** Only of committed state. Writing the same one again changes nothing. */
  saveSnapshot(key: ActorKey, snapshot: Snapshot): Promise<void>;

  /** At most `limit` rows of each shard after the given position, in commit order. */
  readAfter(positions: readonly ShardPosition[], limit: number): Promise<RecordedRow[]>;
  checkpoints(consumer: string): Promise<ShardPosition[]>;
  /** Never moves a checkpoint back. */
  saveCheckpoints(consumer: string, positions: readonly ShardPosition[]): Promise<void>;
  /** Without this, what a retired consumer has not read is kept for ever. */
  forgetConsumer(consumer: string): Promise<void>;

  /** Deletes rows and snapshots that nobody needs any more; returns how many rows. */
  prune(shard: number, limits: PruneLimits): Promise<number>;
  close(): Promise<void>;
}

/** The shortest retention: as long as an idempotency key is promised to work. */
export const retentionFloorMs = 24 * 60 * 60 * 1_000;

import type { DataRefusal } from '@aisle/persistence';

/** The key of an actor: its shard, and its name `tenant/market/id`. */
export interface ActorKey {
  readonly shard: number;
  readonly actor: string;
}

/** One accepted command in the journal. The storage does not interpret its bytes. */
export interface JournalRow extends ActorKey {
  /** The epoch of the writer's claim on the shard. */
  readonly epoch: number;
  /** The actor's version after this command: 1, 2, 3 … without gaps. */
  readonly seq: number;
  /** Any string of 1 to 128 characters, unique within its actor; a lower-case UUID takes 17 bytes. */
  readonly commandId: string;
  /** Up to 32 bytes that distinguish a retry from another payload under the same id. */
  readonly payloadHash: Uint8Array;
  readonly events: Uint8Array;
  readonly outcome: Uint8Array;
}

/** A committed row. */
export interface RecordedRow extends JournalRow {
  /** Strictly rising per shard in commit order, with gaps. */
  readonly pos: number;
  /** Time of writing, in milliseconds since 1970. */
  readonly atMs: number;
}

/** The journal's record of a command id: enough to repeat the answer. */
export type Recorded = Pick<RecordedRow, 'seq' | 'payloadHash' | 'outcome'>;

/** The reason why a row was not written, with its index in the batch. */
export type Refusal =
  /** The shard has another owner by now, or is being claimed. */
  | { readonly index: number; readonly reason: 'fenced' }
  /** The actor has this sequence number already: the writer's memory differs from the storage. */
  | { readonly index: number; readonly reason: 'conflict' }
  /** The actor has this command already. */
  | { readonly index: number; readonly reason: 'duplicate'; readonly recorded: Recorded }
  /** Correct in itself, but another row of its actor was refused, or has the same id. */
  | { readonly index: number; readonly reason: 'sibling' };

/** The outcome of a batch. A cut connection says nothing about the commit: hence `unknown`. */
export type CommitAnswer =
  /** All rows but the refused ones are durable. */
  | { readonly kind: 'answered'; readonly refusals: readonly Refusal[] }
  /** Nothing was written. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Nothing was written, because of the data of some row. Without that row the others are accepted. */
  | { readonly kind: 'unstorable'; readonly refusal: DataRefusal }
  /** Unknown whether it was or will be written: claim the shards again before loading any of their actors. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** The owner of a shard. The epoch only grows; 0 means that there never was an owner. */
export interface ShardOwner {
  readonly shard: number;
  readonly epoch: number;
  /** The owner's incarnation; null after a release. */
  readonly owner: string | null;
}

/** `epoch` is the new epoch if granted, otherwise that of the faster claimant. */
export interface ClaimAnswer extends ShardOwner {
  readonly granted: boolean;
}

/** An actor's saved state after its row `seq`. */
export interface Snapshot {
  readonly seq: number;
  readonly schemaVersion: number;
  readonly state: Uint8Array;
}

/** The latest snapshot up to the requested number, and every row after it. */
export interface ActorHistory extends ActorKey {
  readonly snapshot: Snapshot | undefined;
  readonly rows: readonly RecordedRow[];
}

export interface LoadRequest extends ActorKey {
  /** Inclusive; the whole history by default. */
  readonly upToSeq?: number | undefined;
}

/** A consumer's position in a shard. */
export interface ShardPosition {
  readonly shard: number;
  readonly pos: number;
}

/** The bounds of one pruning call. */
export interface PruneLimits {
  /** The age up to which rows are kept; never less than 24 hours, during which a retry gets its first answer. */
  readonly retentionMs: number;
  /** The maximum of actors per call, so that it never runs long. */
  readonly actorsMax: number;
}

/**
 * The storage of the journal, as one node sees it. Two implementations pass one contract suite: PostgreSQL, and memory
 * for the simulator. Calls reject with a failure of kind `unavailable` when the storage is away. `commit` never
 * rejects, because its caller must distinguish an unknown outcome.
 */
export interface JournalStorage {
  /** This node's name for one life of its process: the owner of its claims. */
  readonly incarnation: string;
  /** The number of commits that may run concurrently. */
  readonly lanes: number;

  /** The owners of these shards. A shard that was never claimed has epoch 0. */
  owners(shards: readonly number[]): Promise<ShardOwner[]>;
  /**
   * Takes the shard if its epoch is the expected one, and waits until every older commit has ended. The same token gets
   * the same answer, so a lost answer can be asked for again.
   */
  claim(shard: number, expectedEpoch: number, token: string): Promise<ClaimAnswer>;
  /** Gives the shard back, unless another node has it by now. */
  release(shard: number, epoch: number): Promise<boolean>;

  /**
   * Writes the rows that are not refused, in one transaction. Calls of one lane run one after another, and all rows of
   * a shard travel in one lane.
   */
  commit(lane: number, rows: readonly JournalRow[]): Promise<CommitAnswer>;

  load(requests: readonly LoadRequest[]): Promise<ActorHistory[]>;
  /** At most `limit` rows after `afterSeq`, oldest first, as far back as rows are kept. */
  history(key: ActorKey, afterSeq: number, limit: number): Promise<RecordedRow[]>;
  findByCommandId(key: ActorKey, commandId: string): Promise<Recorded | undefined>;
  /** Only for committed state. Writing the same snapshot again changes nothing. */
  saveSnapshot(key: ActorKey, snapshot: Snapshot): Promise<void>;

  /** At most `limit` rows of each shard after the given position, in commit order. */
  readAfter(positions: readonly ShardPosition[], limit: number): Promise<RecordedRow[]>;
  checkpoints(consumer: string): Promise<ShardPosition[]>;
  /** Never moves a checkpoint back. */
  saveCheckpoints(consumer: string, positions: readonly ShardPosition[]): Promise<void>;
  /** Without this, the unread rows of a retired consumer are kept for ever. */
  forgetConsumer(consumer: string): Promise<void>;

  /** Deletes unneeded rows and snapshots; returns the number of rows. */
  prune(shard: number, limits: PruneLimits): Promise<number>;
  close(): Promise<void>;
}

/** The minimum of the retention: the promised life of an idempotency key. */
export const retentionFloorMs = 24 * 60 * 60 * 1_000;

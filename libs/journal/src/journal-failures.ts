import { refusalText } from '@aisle/persistence';
import type { DataRefusal } from '@aisle/persistence';
import { failures } from '@aisle/std';

/** Failures of the journal. */
export const JournalFailure = failures('journal', {
  /** The command id was used for another payload. This is the caller's mistake, and nothing was done. */
  idempotencyMismatch: ['rejected', 'this idempotency key was used with another payload', (commandId: string) => ({ commandId })],
  /** PostgreSQL is away, or refused the batch. Nothing was written. */
  unavailable: ['unavailable', 'the journal is unavailable', (retryAfterMs: number) => ({ retryAfterMs })],
  /** The queue in front of the journal, or of one actor, is full. Nothing was written. */
  full: ['throttled', 'too many commands wait for the journal', (retryAfterMs: number) => ({ retryAfterMs })],
  /** This node does not own the shard any more, or cannot be sure of it. Nothing was written. */
  shardLost: ['unavailable', 'the shard has moved', (shard: number) => ({ shard, retryAfterMs: 0 })],
  /** By this node's own clock another node may own the shard by now. It answers nothing from memory until it is sure. */
  leaseUncertain: [
    'unavailable', 'this node is not certain that it still owns the shard',
    (shard: number) => ({ shard, retryAfterMs: 100 }),
  ],
  /** The actor's memory differed from the journal, so it must be loaded again. Nothing was written. */
  actorOutdated: ['unavailable', 'the actor is outdated and must be loaded again', (shard: number) => ({ shard, retryAfterMs: 0 })],
  /** The connection was cut during the commit, so the outcome is unknown. A retry with the same id finds out. */
  outcomeUnknown: ['unknown', 'the outcome of the command is unknown', (shard: number) => ({ shard, retryAfterMs: 0 })],
  /** The command was committed so long ago that the data of its answer is pruned. */
  answerPruned: [
    'missing', 'the answer to this idempotency key is no longer kept; read the actor instead',
    (commandId: string) => ({ commandId }),
  ],
}, { codes: { idempotencyMismatch: 'idempotency.mismatch', answerPruned: 'idempotency.answer_pruned' } });

/**
 * The storage refuses the row of this one command. Nothing of it was written, and a retry never helps. This is a bug
 * and not a `Failure`: the rules should not have accepted the command. It names the actor, and quotes no value.
 */
export class UnstorableEvent extends Error {
  override readonly name = 'UnstorableEvent';
  /** The SQLSTATE. */
  readonly code: string;
  constructor(readonly actor: string, readonly refusal: DataRefusal) {
    super(`the storage refused an event of ${actor}: ${refusalText(refusal)}`);
    this.code = refusal.sqlState;
  }
}

import { refusalText } from '@aisle/persistence';
import type { DataRefusal } from '@aisle/persistence';
import { Failure } from '@aisle/std';

/** The command id was used for another payload. This is the caller's mistake, and nothing was done. */
export class IdempotencyMismatch extends Failure {
  readonly kind = 'rejected';
  readonly code = 'idempotency.mismatch';
  constructor(commandId: string) {
    super('this idempotency key was used with another payload', { commandId });
  }
}

/** PostgreSQL is away, or refused the batch. Nothing was written. */
export class JournalUnavailable extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'journal.unavailable';
  constructor(retryAfterMs: number, cause?: unknown) {
    super('the journal is unavailable', { retryAfterMs });
    this.cause = cause;
  }
}

/** The queue in front of the journal, or of one actor, is full. Nothing was written. */
export class JournalFull extends Failure {
  readonly kind = 'throttled';
  readonly code = 'journal.full';
  constructor(retryAfterMs: number) {
    super('too many commands wait for the journal', { retryAfterMs });
  }
}

/** This node does not own the shard any more, or cannot be sure of it. Nothing was written. */
export class ShardLost extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'journal.shard_lost';
  constructor(shard: number) {
    super('the shard has moved', { shard, retryAfterMs: 0 });
  }
}

/** By this node's own clock another node may own the shard by now. It answers nothing from memory until it is sure. */
export class LeaseUncertain extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'journal.lease_uncertain';
  constructor(shard: number) {
    super('this node is not sure that it still owns the shard', { shard, retryAfterMs: 100 });
  }
}

/** The actor's memory differed from the journal, so it must be loaded again. Nothing was written. */
export class ActorOutdated extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'journal.actor_outdated';
  constructor(shard: number) {
    super('the actor is outdated and must be loaded again', { shard, retryAfterMs: 0 });
  }
}

/** The connection was cut during the commit, so the outcome is unknown. A retry with the same id finds out. */
export class OutcomeUnknown extends Failure {
  readonly kind = 'unknown';
  readonly code = 'journal.outcome_unknown';
  constructor(shard: number) {
    super('the outcome of the command is unknown', { shard, retryAfterMs: 0 });
  }
}

/** The command was committed so long ago that the data of its answer is pruned. */
export class AnswerPruned extends Failure {
  readonly kind = 'missing';
  readonly code = 'idempotency.answer_pruned';
  constructor(commandId: string) {
    super('the answer to this idempotency key is no longer kept; read the actor instead', { commandId });
  }
}

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

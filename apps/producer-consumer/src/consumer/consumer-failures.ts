import type { Consumer } from '@aisle/contracts';
import { failures } from '@aisle/std';

/** Failures of a consumer. */
export const ConsumerFailure = failures('consumer', {
  /** No consumer of this name was started, or it was stopped. */
  missing: ['missing', 'there is no consumer of this name', (name: string) => ({ name })],
  /** `consumer` is the one that has the name. */
  alreadyStarted: ['conflict', 'a consumer of this name has been started already', (consumer: Consumer) => ({ consumer })],
  /** The command id has been used for something else. */
  idempotencyMismatch: ['rejected', 'this Idempotency-Key was used for another message'],
  /** More messages wait for their commit than the consumer may have under way. */
  busy: ['throttled', 'too many messages of this consumer wait for their commit', (messagesMax: number) => ({ messagesMax })],
  /** The same, for all consumers of this process together. */
  logFull: ['throttled', 'too many messages wait for their commit'],
}, { codes: { alreadyStarted: 'already_started', idempotencyMismatch: 'idempotency.mismatch' } });

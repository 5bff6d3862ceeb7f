import type { Consumer } from '@aisle/contracts';
import { Failure } from '@aisle/std';

/** Nobody has started a consumer of this name, or it was stopped. */
export class ConsumerMissing extends Failure {
  readonly kind = 'missing';
  readonly code = 'consumer.missing';
  constructor(name: string) {
    super('there is no consumer of this name', { name });
  }
}

/** The name is taken: `consumer` is whoever has it. */
export class ConsumerAlreadyStarted extends Failure {
  readonly kind = 'conflict';
  readonly code = 'already_started';
  constructor(consumer: Consumer) {
    super('a consumer of this name has been started already', { consumer });
  }
}

/** The command id has been used for something else. */
export class IdempotencyMismatch extends Failure {
  readonly kind = 'rejected';
  readonly code = 'idempotency.mismatch';
  constructor() {
    super('this Idempotency-Key was used for another message');
  }
}

/** More messages wait for their commit than the consumer may have under way. */
export class ConsumerBusy extends Failure {
  readonly kind = 'throttled';
  readonly code = 'consumer.busy';
  constructor(messagesMax: number) {
    super('too many messages of this consumer wait for their commit', { messagesMax });
  }
}

/** All consumers of this process together have too much waiting for its commit. */
export class LogFull extends Failure {
  readonly kind = 'throttled';
  readonly code = 'consumer.log_full';
  constructor() {
    super('too many messages wait for their commit');
  }
}

import { Failure } from '@aisle/std';

/** A message came in whose body is not what its protocol says. Whoever sent it is broken, or a newer version. */
export class BodyInvalid extends Failure {
  readonly kind = 'invalid';
  readonly code = 'message.body_invalid';
  constructor(type: string, path: string, problem: string) {
    super(`the body of a ${type} message is not valid at ${path || 'its root'}: ${problem}`, { type, path, problem });
  }
}

/** A message came in of which the header is not valid: it names no actor, or not until when somebody waits. */
export class HeaderInvalid extends Failure {
  readonly kind = 'invalid';
  readonly code = 'message.header_invalid';
  constructor(field: string, problem: string) {
    super(`the header of a message is not valid at ${field}: ${problem}`, { field, problem });
  }
}

/** An answer came in that is not what its protocol says. The command may have been applied. */
export class ReplyInvalid extends Failure {
  readonly kind = 'unknown';
  readonly code = 'message.reply_invalid';
  constructor(type: string, path: string, problem: string) {
    super(`the answer to a ${type} message is not valid at ${path || 'its root'}: ${problem}`, { type, path, problem });
  }
}

/** No protocol has a message of the type, or none that comes in here. */
export class MessageUnknown extends Failure {
  readonly kind = 'missing';
  readonly code = 'command.unknown';
  constructor(type: string) {
    super('no app answers this type of command', { type });
  }
}

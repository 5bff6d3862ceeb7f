import { failures } from '@aisle/std';

/** Failures of messages between processes. */
export const MessageFailure = failures('message', {
  /** The body does not fit the protocol of the message. Its sender is broken, or of a newer version. */
  bodyInvalid: [
    'invalid',
    (type: string, path: string, problem: string) => `the body of a ${type} message is not valid at ${path || 'its root'}: ${problem}`,
    (type: string, path: string, problem: string) => ({ type, path, problem }),
  ],
  /** The header names no actor, or no deadline. */
  headerInvalid: [
    'invalid', (field: string, problem: string) => `the header of a message is not valid at ${field}: ${problem}`,
    (field: string, problem: string) => ({ field, problem }),
  ],
  /** The answer does not fit the protocol of the message. The command may have been applied. */
  replyInvalid: [
    'unknown',
    (type: string, path: string, problem: string) => `the answer to a ${type} message is not valid at ${path || 'its root'}: ${problem}`,
    (type: string, path: string, problem: string) => ({ type, path, problem }),
  ],
  /** No protocol has a message of the type, or none that this process takes. */
  unknown: ['missing', 'no app answers this type of command', (type: string) => ({ type })],
}, { codes: { unknown: 'command.unknown' } });

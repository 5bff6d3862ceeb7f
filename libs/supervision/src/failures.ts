import { Failure, failures } from '@aisle/std';
import { causeOf, describeExit, type ExitReason } from './exit-reason.ts';

/** Failures of a process. */
export const ProcessFailure = failures('process', {
  /** No process lives at this address. The message was not handled, so it is safe to send it again. */
  noproc: ['unavailable', 'no process at this address', (server: string) => ({ server })],
  /** The server ended during the request, whose effect is unknown. Thrown as `ServerExited`. */
  exited: ['unknown', 'the server ended before it answered', (server: string, reason: string) => ({ server, reason, started: true })],
  /** The server ended before the turn of the request, which had no effect and may be sent again. Thrown as `ServerExited`. */
  exitedBefore: [
    'unavailable', 'the server ended before it answered',
    (server: string, reason: string) => ({ server, reason, started: false }),
  ],
}, { codes: { exitedBefore: 'process.exited' } });

/** Failures of a message to a server. */
export const CallFailure = failures('call', {
  /** No answer came within the call's time. The server may still handle the request: the outcome is unknown. */
  timeout: [
    'unknown', 'no answer came within the timeout of the call',
    (server: string, request: string, timeoutMs: number) => ({ server, request, timeoutMs }),
  ],
  /** The server's mailbox is full, and the message was not taken. */
  mailboxFull: [
    'throttled', 'the mailbox has no room for another message',
    (server: string, messagesMax: number) => ({ server, messagesMax }),
  ],
  /** The server has no handler of this name. */
  unhandled: ['invalid', 'the server has no handler for this message', (server: string, request: string) => ({ server, request })],
  /** The payload of a request is not one that the server accepts. */
  invalid: ['invalid', 'the request has a payload that the server does not accept', (request: string, why: string) => ({ request, why })],
}, { codes: { mailboxFull: 'mailbox.full' } });

/** Failures of starting, stopping and finding children. */
export const ChildFailure = failures('child', {
  /** `init` threw or stopped, or the process died in it. Thrown as `StartFailed`. */
  startFailed: ['unavailable', 'the process did not start', (id: string, reason: string) => ({ id, reason })],
  /** `init` took longer than the specification's `startTimeoutMs`. */
  startTimeout: ['unavailable', 'init did not end within startTimeoutMs', (id: string, startTimeoutMs: number) => ({ id, startTimeoutMs })],
  /** `init` answered `ignore`: there is no process, on purpose. */
  ignored: ['rejected', 'init chose to start no process', (id: string) => ({ id })],
  /** The name or child id belongs to a living process. */
  alreadyStarted: ['conflict', 'a process of this name runs already', (id: string) => ({ id })],
  /** A child specification with this id exists, without a running process. */
  alreadyPresent: ['conflict', 'a child specification with this id exists already', (id: string) => ({ id })],
  /** The supervisor has no such child. */
  notFound: [
    'missing', 'the supervisor has no such child',
    (id: unknown) => ({ id: typeof id === 'object' && id !== null ? 'an object' : String(id) }),
  ],
  /** The child runs or is about to be restarted, and the operation needs it stopped. */
  running: ['conflict', 'the child runs or is being restarted', (id: string) => ({ id })],
  /** The dynamic supervisor has reached `maxChildren`. */
  tooMany: [
    'throttled', 'the supervisor has no room for another child',
    (supervisor: string, maxChildren: number) => ({ supervisor, maxChildren }),
  ],
  /** A child specification that is invalid for every supervisor. */
  invalidSpec: ['invalid', 'the child specification is invalid', (id: string, why: string) => ({ id, why })],
}, { codes: { tooMany: 'supervisor.children_max' } });

/** The server ended before it answered. `reason` says how, and `started` whether the turn of the request had begun. */
export class ServerExited extends Failure {
  constructor(server: string, readonly reason: ExitReason, started: boolean) {
    super((started ? ProcessFailure.exited : ProcessFailure.exitedBefore)(server, describeExit(reason)));
    this.cause = causeOf(reason);
  }
}

/** The process did not start. `reason` says how it ended, and `cause` is the thrown value. */
export class StartFailed extends Failure {
  constructor(id: string, readonly reason: ExitReason) {
    super(ChildFailure.startFailed(id, describeExit(reason)));
    this.cause = causeOf(reason);
  }
}

/** A server called itself, so its turn would wait for its own end. This is a bug, and crashes the caller. */
export class Deadlock extends Error {
  readonly code = 'deadlock';
  constructor(server: string) {
    super(`deadlock: ${server} called itself`);
    this.name = 'Deadlock';
  }
}

/**
 * Thrown by every `ctx` method once the process is dead, so that the turn of a killed process has no further effect.
 */
export class ProcessDead extends Error {
  readonly code = 'process.dead';
  constructor(server: string) {
    super(`${server} is dead; the rest of its turn can have no effect`);
    this.name = 'ProcessDead';
  }
}

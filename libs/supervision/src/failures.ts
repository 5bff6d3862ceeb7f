import { Failure } from '@aisle/std';
import { causeOf, describeExit, type ExitReason } from './exit-reason.ts';

/** No process lives at this address. The message was not handled, so it is safe to send it again. */
export class NoProcess extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'process.noproc';
  constructor(server: string) {
    super('no process at this address', { server });
  }
}

/**
 * The server ended before it answered. `started` tells whether its turn had begun: if not, the
 * request had no effect and may be sent again; if so, its effect is unknown.
 */
export class ServerExited extends Failure {
  readonly kind: 'unavailable' | 'unknown';
  readonly code = 'process.exited';
  readonly reason: ExitReason;
  constructor(server: string, reason: ExitReason, started: boolean) {
    super('the server ended before it answered', { server, reason: describeExit(reason), started });
    this.kind = started ? 'unknown' : 'unavailable';
    this.reason = reason;
    this.cause = causeOf(reason);
  }
}

/** No answer came within the call's time. The server may still handle the request: the outcome is unknown. */
export class CallTimeout extends Failure {
  readonly kind = 'unknown';
  readonly code = 'call.timeout';
  constructor(server: string, request: string, timeoutMs: number) {
    super('no answer came within the timeout of the call', { server, request, timeoutMs });
  }
}

/** The server's mailbox is full, and the message was not taken. */
export class MailboxFull extends Failure {
  readonly kind = 'throttled';
  readonly code = 'mailbox.full';
  constructor(server: string, messagesMax: number) {
    super('the mailbox has no room for another message', { server, messagesMax });
  }
}

/** The server has no handler of this name. */
export class UnknownMessage extends Failure {
  readonly kind = 'invalid';
  readonly code = 'call.unhandled';
  constructor(server: string, request: string) {
    super('the server has no handler for this message', { server, request });
  }
}

/** `init` threw or stopped, or the process died in it. `reason` says how, and `cause` is the thrown value. */
export class StartFailed extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'child.start_failed';
  readonly reason: ExitReason;
  constructor(id: string, reason: ExitReason) {
    super('the process did not start', { id, reason: describeExit(reason) });
    this.reason = reason;
    this.cause = causeOf(reason);
  }
}

/** `init` took longer than the specification's `startTimeoutMs`. */
export class StartTimeout extends Failure {
  readonly kind = 'unavailable';
  readonly code = 'child.start_timeout';
  constructor(id: string, startTimeoutMs: number) {
    super('init did not end within startTimeoutMs', { id, startTimeoutMs });
  }
}

/** The payload of a request is not one that the server accepts. */
export class InvalidRequest extends Failure {
  readonly kind = 'invalid';
  readonly code = 'call.invalid';
  constructor(request: string, why: string) {
    super('the request has a payload that the server does not accept', { request, why });
  }
}

/** `init` answered `ignore`: there is no process, on purpose. */
export class StartIgnored extends Failure {
  readonly kind = 'rejected';
  readonly code = 'child.ignored';
  constructor(id: string) {
    super('init chose to start no process', { id });
  }
}

/** The name or child id belongs to a living process. */
export class AlreadyStarted extends Failure {
  readonly kind = 'conflict';
  readonly code = 'child.already_started';
  constructor(id: string) {
    super('a process of this name runs already', { id });
  }
}

/** A child specification with this id exists, without a running process. */
export class AlreadyPresent extends Failure {
  readonly kind = 'conflict';
  readonly code = 'child.already_present';
  constructor(id: string) {
    super('a child specification with this id exists already', { id });
  }
}

/** The supervisor has no such child. */
export class ChildMissing extends Failure {
  readonly kind = 'missing';
  readonly code = 'child.not_found';
  /** The `id` of the caller's request, of any type. */
  constructor(id: unknown) {
    super('the supervisor has no such child', { id: typeof id === 'object' && id !== null ? 'an object' : String(id) });
  }
}

/** The child runs or is about to be restarted, and the operation needs it stopped. */
export class ChildRunning extends Failure {
  readonly kind = 'conflict';
  readonly code = 'child.running';
  constructor(id: string) {
    super('the child runs or is being restarted', { id });
  }
}

/** The dynamic supervisor has reached `maxChildren`. */
export class ChildrenMax extends Failure {
  readonly kind = 'throttled';
  readonly code = 'supervisor.children_max';
  constructor(supervisor: string, maxChildren: number) {
    super('the supervisor has no room for another child', { supervisor, maxChildren });
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

/** A child specification that is invalid for every supervisor. */
export class InvalidChildSpec extends Failure {
  readonly kind = 'invalid';
  readonly code = 'child.invalid_spec';
  constructor(id: string, why: string) {
    super('the child specification is invalid', { id, why });
  }
}

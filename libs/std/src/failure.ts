/** The kind of an expected error. It says how the caller goes on: HTTP status, retry and crash follow from it alone. */
export type FailureKind =
  | 'invalid'
  | 'unauthorized'
  | 'forbidden'
  | 'rejected'
  | 'missing'
  | 'conflict'
  | 'precondition'
  | 'throttled'
  | 'unavailable'
  | 'unknown';

/** Facts about a failure: small JSON values, safe to show to the caller. */
export type FailureDetails = Readonly<Record<string, unknown>>;

/**
 * An expected error. It crosses processes as `{kind, code, message, details}`. Tell failures apart by `kind` and
 * `code`, never by `instanceof`: two packages may hold two copies of this class. Anything else that is thrown is a bug,
 * and crashes the process that threw it.
 */
export abstract class Failure extends Error {
  abstract readonly kind: FailureKind;
  /** A stable dotted name such as `basket.full`. */
  abstract readonly code: string;
  readonly details: FailureDetails;

  constructor(message: string, details: FailureDetails = {}) {
    super(message);
    this.name = new.target.name;
    this.details = details;
  }
}

const KINDS: ReadonlySet<unknown> = new Set<FailureKind>([
  'invalid', 'unauthorized', 'forbidden', 'rejected', 'missing',
  'conflict', 'precondition', 'throttled', 'unavailable', 'unknown',
]);

/** The four facts of a failure, independent of the copy of the class that made it. */
export interface FailureFacts {
  readonly kind: FailureKind;
  readonly code: string;
  readonly message: string;
  readonly details: FailureDetails;
}

/** True for a `Failure`, and for the facts of a failure that came from another process. */
export function isFailure(thrown: unknown): thrown is FailureFacts {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const facts = thrown as Partial<FailureFacts>;
  return KINDS.has(facts.kind) && typeof facts.code === 'string' && typeof facts.message === 'string';
}

/** A failure that came from another process, made throwable here. */
export class RemoteFailure extends Failure {
  readonly kind: FailureKind;
  readonly code: string;

  constructor(facts: FailureFacts) {
    super(facts.message, facts.details);
    this.kind = facts.kind;
    this.code = facts.code;
  }
}

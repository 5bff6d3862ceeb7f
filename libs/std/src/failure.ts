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

/** The four facts of a failure, independent of the copy of the class that made it. */
export interface FailureFacts {
  readonly kind: FailureKind;
  /** A stable dotted name such as `basket.full`. */
  readonly code: string;
  readonly message: string;
  readonly details: FailureDetails;
}

/**
 * An expected error, made by a row of a table of `failures`. It crosses processes as `{kind, code, message, details}`. Tell
 * failures apart by `kind` and `code`, never by `instanceof`: two packages may hold two copies of this class. Anything else
 * that is thrown is a bug, and crashes the process that threw it.
 */
export class Failure extends Error implements FailureFacts {
  readonly kind: FailureKind;
  readonly code: string;
  readonly details: FailureDetails;

  constructor({ kind, code, message, details }: FailureFacts) {
    super(message);
    this.name = new.target === Failure ? nameOf(code) : new.target.name;
    this.kind = kind;
    this.code = code;
    this.details = details;
  }

  /** This failure with the error behind it, for the log. A cause does not cross processes. */
  causedBy(cause: unknown): this {
    this.cause = cause;
    return this;
  }
}

/** A failure that came from another process, made throwable here. */
export class RemoteFailure extends Failure {}

const KINDS: ReadonlySet<unknown> = new Set<FailureKind>([
  'invalid', 'unauthorized', 'forbidden', 'rejected', 'missing',
  'conflict', 'precondition', 'throttled', 'unavailable', 'unknown',
]);

/** True for a `Failure`, and for the facts of a failure that came from another process. */
export function isFailure(thrown: unknown): thrown is FailureFacts {
  if (typeof thrown !== 'object' || thrown === null) return false;
  const facts = thrown as Partial<FailureFacts>;
  return KINDS.has(facts.kind) && typeof facts.code === 'string' && typeof facts.message === 'string';
}

/** The name that logs and traces show: `BasketLineFull` for `basket.line_full`. */
function nameOf(code: string): string {
  return code.replace(/(?:^|[^a-z0-9]+)([a-z0-9])/gi, (_, first: string) => first.toUpperCase());
}

import { isFailure } from '@aisle/std';

/** PostgreSQL starts or stops, or is out of disk, memory or connections (SQLSTATE). */
const SQL_STATES = /^(57P0[123]|53\d\d\d)$/;
const SYSTEM_CODES: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);
/** Messages of errors of `pg` and ioredis that have no code. */
const CONNECTION_LOST = /^(Connection terminated|timeout (expired|exceeded)|Connection is closed|Command timed out|Reached the max retries)/;
const CHAIN_MAX = 8;

/** Whether an error or one of its causes says that a dependency is away or busy, so that the same attempt may succeed later. */
export function isTransient(thrown: unknown): boolean {
  for (let error = thrown, depth = 0; error != null && depth < CHAIN_MAX; depth += 1) {
    if (isFailure(error) && (error.kind === 'unavailable' || error.kind === 'unknown' || error.kind === 'throttled')) return true;
    const { code, message = '', cause, errors } = error as Partial<Error> & { code?: unknown; cause?: unknown; errors?: unknown[] };
    if (SYSTEM_CODES.has(code) || SQL_STATES.test(String(code)) || CONNECTION_LOST.test(message)) return true;
    // An AggregateError has one error for each address that was tried.
    error = cause ?? errors?.[0];
  }
  return false;
}

import { isFailure } from '@aisle/std';

/**
 * The reason of a process's end, in OTP's terms. `normal`, `shutdown` and `{ shutdown }` are clean ends: a transient
 * child is not restarted after them. `{ error }` is a crash and carries the thrown value.
 */
export type ExitReason =
  | 'normal'
  | 'shutdown'
  | { readonly shutdown: unknown }
  | 'killed'
  | 'noproc'
  | { readonly error: unknown };

/** The argument of `ref.exit`: an exit reason, or `kill`, which no process can trap. */
export type ExitSignal = ExitReason | 'kill';

/**
 * Throws a TypeError unless `reason` is an exit reason or signal. A process that ended without a reason would seem to
 * live.
 */
export function checkReason(reason: unknown): void {
  const isName = typeof reason === 'string' && NAMES.has(reason);
  if (isName || (typeof reason === 'object' && reason !== null && ('shutdown' in reason || 'error' in reason))) return;
  const shown = typeof reason === 'object' && reason !== null ? 'an object' : String(reason);
  throw new TypeError(`${shown} is not an exit reason; it must be 'normal', 'shutdown', 'kill', { shutdown } or { error }`);
}

const NAMES: ReadonlySet<string> = new Set(['normal', 'shutdown', 'killed', 'noproc', 'kill']);

/** True for everything but `normal`, `shutdown` and `{ shutdown }`. */
export function isAbnormal(reason: ExitReason): boolean {
  return !(
    reason === 'normal' ||
    reason === 'shutdown' ||
    (typeof reason === 'object' && 'shutdown' in reason)
  );
}

/** A reason in one line, for logs and for the console. */
export function describeExit(reason: ExitReason): string {
  if (typeof reason === 'string') return reason;
  if ('shutdown' in reason) return `shutdown: ${describeCause(reason.shutdown)}`;
  return `error: ${describeCause(reason.error)}`;
}

/** The thrown value behind a reason, so that an error's `cause` chain stays whole. */
export function causeOf(reason: ExitReason): unknown {
  if (typeof reason === 'string') return undefined;
  return 'error' in reason ? reason.error : reason.shutdown;
}

function describeCause(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  if (isFailure(cause)) return `${cause.message} ${JSON.stringify(cause.details)}`;
  const message = (cause as { message?: unknown } | null | undefined)?.message;
  return typeof message === 'string' ? message : 'unnamed';
}

import type { ExitReason } from '../exit-reason.ts';

/** What a handler may add to its answer. */
export interface Next {
  /** Run `handleContinue` with this before any other message. */
  continue?: unknown;
}

/** The state stays as it was. */
export const KEEP = Symbol('keep');

/**
 * What a turn decided: made by `ok`, `reply`, `noReply`, `stop`, `stopReply` and `ignore`, which are
 * OTP's `{:ok, …}`, `{:reply, …}` and so on. `R` is `never` where no reply was given.
 */
export class Outcome<out R, out S> {
  constructor(
    readonly state: S | typeof KEEP,
    readonly replied: boolean,
    readonly value: R | undefined,
    readonly next: unknown,
    readonly reason: ExitReason | 'ignore' | undefined,
  ) {}
}

/** `init` succeeded, and this is the first state. */
export function ok<S>(state: S, next?: Next): Outcome<never, S> {
  return new Outcome<never, S>(state, false, undefined, next?.continue, undefined);
}

/** Answers the call and goes on with `state`. */
export function reply<R, S>(value: R, state: S, next?: Next): Outcome<R, S> {
  return new Outcome<R, S>(state, true, value, next?.continue, undefined);
}

/** Goes on with `state`. In a call, somebody answers later with `from.reply`. */
export function noReply<S>(state: S, next?: Next): Outcome<never, S> {
  return new Outcome<never, S>(state, false, undefined, next?.continue, undefined);
}

/** Ends the process after `terminate`; a call being handled fails with ServerExited. */
export function stop<S = never>(
  reason: ExitReason,
  ...state: [state?: S]
): Outcome<never, S> {
  const last = state.length > 0 ? (state[0] as S) : KEEP;
  return new Outcome<never, S>(last, false, undefined, undefined, reason);
}

/** Answers the call, then ends the process after `terminate`. */
export function stopReply<R, S>(reason: ExitReason, value: R, state: S): Outcome<R, S> {
  return new Outcome<R, S>(state, true, value, undefined, reason);
}

/** `init` wants no process, and that is no failure. */
export const ignore = new Outcome<never, never>(KEEP, false, undefined, undefined, 'ignore');

/** A handler returned nothing, which types forbid: `reply`, `noReply` or `stop` was forgotten. */
export class NoOutcome extends TypeError {
  constructor(server: string) {
    super(`a handler of ${server} returned no outcome`);
  }
}

/** Told by its shape, since two copies of this package may meet in one program. */
export function isOutcome(value: unknown): value is Outcome<unknown, unknown> {
  return typeof value === 'object' && value !== null && 'replied' in value;
}

/** A value, or the promise of it. What can be had at once is never waited for. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** Tells a promise by its `then`, since promises of other realms are no `instanceof Promise`. */
export function isPromise<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | null | undefined)?.then === 'function';
}

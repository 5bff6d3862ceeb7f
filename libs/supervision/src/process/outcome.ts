import type { ExitReason } from '../exit-reason.ts';

/** Additions to a handler's answer. */
export interface Next {
  /** Run `handleContinue` with this before any other message. */
  continue?: unknown;
}

/** Leaves the state unchanged. */
export const KEEP = Symbol('keep');

/**
 * The decision of a turn. Made by `ok`, `reply`, `noReply`, `stop`, `stopReply` and `ignore`, which are OTP's `{:ok,
 * …}`, `{:reply, …}` and so on. `R` is `never` if no reply was given.
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

/** Goes on with `state`. In a call, some process answers later with `from.reply`. */
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

/** `init` wants no process, and this is not a failure. */
export const ignore = new Outcome<never, never>(KEEP, false, undefined, undefined, 'ignore');

/** A handler returned nothing, although the types forbid it: `reply`, `noReply` or `stop` was forgotten. */
export class NoOutcome extends TypeError {
  constructor(server: string) {
    super(`a handler of ${server} returned no outcome`);
  }
}

/** Recognised by shape, since a program may hold two copies of this package. */
export function isOutcome(value: unknown): value is Outcome<unknown, unknown> {
  return typeof value === 'object' && value !== null && 'replied' in value;
}

/** A value, or a promise of it. An available value is never awaited. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** Recognises a promise by its `then`, since promises of other realms are not `instanceof Promise`. */
export function isPromise<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | null | undefined)?.then === 'function';
}

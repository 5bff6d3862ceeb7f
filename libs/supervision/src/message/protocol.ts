/**
 * A server's protocol as one type. Each name under `call` is a function from request to reply, each under `cast` a
 * function from message to nothing; `info` is the union of plain messages.
 *
 * ```ts
 * interface CounterProtocol {
 * call: { value(): number; add(by: number): number };
 * cast: { reset(to: number): void };
 * info: 'tick';
 * }
 * ```
 */
export interface Protocol {
  call?: object;
  cast?: object;
  info?: unknown;
  /** The payload of `handleContinue`. */
  continue?: unknown;
}

/**
 * Switches type checking off where it is impossible: specifications of different servers stand in one list, and a ref
 * without a declared protocol accepts every message.
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- `unknown` cannot stand for both a request and a reply.
export type Unchecked = any;

type IsAny<T> = 0 extends 1 & T ? true : false;
type Section<P, K extends keyof Protocol> =
  IsAny<P> extends true ? Unchecked : P extends { [key in K]: infer S } ? S : Record<never, never>;
type Entry<Names, K> = K extends keyof Names ? Names[K] : never;
type Argument<F> = F extends (...args: infer A) => unknown ? (A extends [] ? undefined : A[0]) : never;
type Arguments<Request, Options> = [Request] extends [undefined]
  ? [request?: undefined, options?: Options]
  : undefined extends Request
    ? [request?: Request, options?: Options]
    : [request: Request, options?: Options];

/** The arguments of `address.call(name, …)` after the name: the request, unless the call has none, and options. */
export type CallArguments<P, K extends string> = Arguments<CallRequest<P, K>, CallOptions>;
/** The arguments of `address.cast(name, …)` after the name. */
export type CastArguments<P, K extends string> = Arguments<CastMessage<P, K>, CastOptions>;
/** Names of the calls of a protocol. */
export type CallName<P> = keyof Section<P, 'call'> & string;
/** Names of the casts of a protocol. */
export type CastName<P> = keyof Section<P, 'cast'> & string;
/** The request type of call `K`. */
export type CallRequest<P, K extends string> = Argument<Entry<Section<P, 'call'>, K>>;
/** The reply type of call `K`. */
export type CallReply<P, K extends string> =
  Entry<Section<P, 'call'>, K> extends (...args: never[]) => infer R ? Awaited<R> : never;
/** The message type of cast `K`. */
export type CastMessage<P, K extends string> = Argument<Entry<Section<P, 'cast'>, K>>;
/** The plain messages of a protocol. */
export type InfoMessage<P> =
  IsAny<P> extends true ? Unchecked : P extends { info: infer I } ? I : never;
/** The payload of `handleContinue` in a protocol. */
export type ContinueMessage<P> =
  IsAny<P> extends true ? Unchecked : P extends { continue: infer C } ? C : never;

/** The size of a message, for a mailbox that is bounded by bytes. */
export interface CastOptions {
  /** Size of the message in bytes, for a mailbox bounded by bytes; 0 by default. */
  bytes?: number;
}

/** The options of a plain message. */
export interface SendOptions extends CastOptions {
  /**
   * Lets an idle server take the message within `send`, as with a call. Use it for the last action of a turn. Order is
   * kept: behind other messages it waits.
   */
  atOnce?: boolean;
}

/** The time limit of a call. */
export interface CallOptions extends CastOptions {
  /** Time limit of the answer, on the system's runtime; 5,000 ms by default. */
  timeoutMs?: number | 'infinity';
}

/**
 * What a server understands, as one type. Each name under `call` is a function from request to
 * reply, each under `cast` a function from message to nothing; `info` is the union of plain messages.
 *
 * ```ts
 * interface CounterProtocol {
 *   call: { value(): number; add(by: number): number };
 *   cast: { reset(to: number): void };
 *   info: 'tick';
 * }
 * ```
 */
export interface Protocol {
  call?: object;
  cast?: object;
  info?: unknown;
  /** What `handleContinue` receives. */
  continue?: unknown;
}

/**
 * A type that is not followed here: specifications of different servers stand in one list, and a ref
 * whose protocol nobody declared takes every message.
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

/** What `address.call(name, …)` takes after the name: the request, unless the call has none. */
export type CallArguments<P, K extends string> = Arguments<CallRequest<P, K>, CallOptions>;
/** What `address.cast(name, …)` takes after the name. */
export type CastArguments<P, K extends string> = Arguments<CastMessage<P, K>, CastOptions>;
/** Names of the calls of a protocol. */
export type CallName<P> = keyof Section<P, 'call'> & string;
/** Names of the casts of a protocol. */
export type CastName<P> = keyof Section<P, 'cast'> & string;
/** What the call `K` takes. */
export type CallRequest<P, K extends string> = Argument<Entry<Section<P, 'call'>, K>>;
/** What the call `K` answers. */
export type CallReply<P, K extends string> =
  Entry<Section<P, 'call'>, K> extends (...args: never[]) => infer R ? Awaited<R> : never;
/** What the cast `K` takes. */
export type CastMessage<P, K extends string> = Argument<Entry<Section<P, 'cast'>, K>>;
/** The plain messages of a protocol. */
export type InfoMessage<P> =
  IsAny<P> extends true ? Unchecked : P extends { info: infer I } ? I : never;
/** What `handleContinue` of a protocol receives. */
export type ContinueMessage<P> =
  IsAny<P> extends true ? Unchecked : P extends { continue: infer C } ? C : never;

/** What a mailbox bounded by bytes is told of a message. */
export interface CastOptions {
  /** Size of the message, for a mailbox bounded by bytes; 0 when not told. */
  bytes?: number;
}

/** How a plain message travels. */
export interface SendOptions extends CastOptions {
  /**
   * An idle server takes the message within `send`, as it does a call: for what is the last thing that a turn
   * does. Order is kept: behind others it waits.
   */
  atOnce?: boolean;
}

/** How long a call may take. */
export interface CallOptions extends CastOptions {
  /** How long to wait for the answer; 5,000 ms by default. The clock is the system's runtime. */
  timeoutMs?: number | 'infinity';
}

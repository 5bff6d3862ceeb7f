import { checkChoice, checkFunction, checkNumber, checkOptions, checkText } from '@aisle/std';
import type { ExitReason } from '../exit-reason.ts';
import type { MailboxBound } from '../message/mailbox.ts';
import type {
  CallName, CallReply, CallRequest, CastMessage, CastName, ContinueMessage, InfoMessage, Protocol,
  Unchecked,
} from '../message/protocol.ts';
import type { From } from '../message/request.ts';
import type { Behaviour } from '../process/behaviour.ts';
import type { Context } from '../process/context.ts';
import type { MaybePromise, Outcome } from '../process/outcome.ts';
import type { Down, Exit } from '../process/links.ts';
import { specOf, type ChildOptions, type ChildSpec } from '../supervisor/child-spec.ts';

/** One handler for each call of the protocol: `(state, request, from, ctx) => reply(value, state)`. */
export type CallHandlers<P extends Protocol, S> = {
  [K in CallName<P>]: (
    state: S,
    request: CallRequest<P, K>,
    from: From<CallReply<P, K>>,
    ctx: Context<P>,
  ) => MaybePromise<Outcome<CallReply<P, K>, S>>;
};

/** One handler for each cast of the protocol: `(state, message, ctx) => noReply(state)`. */
export type CastHandlers<P extends Protocol, S> = {
  [K in CastName<P>]: (
    state: S,
    message: CastMessage<P, K>,
    ctx: Context<P>,
  ) => MaybePromise<Outcome<never, S>>;
};

interface Callbacks<P extends Protocol, S, A> {
  /** Shown by `observe`, and the default id of the child. */
  name: string;
  /** Makes the first state: `ok(state)`, `stop(reason)` or `ignore`. An error fails the start. */
  init(args: A, ctx: Context<P>): MaybePromise<Outcome<never, S>>;
  /** Runs right after a turn that returned `{ continue }`, before any other message. */
  handleContinue?(state: S, message: ContinueMessage<P>, ctx: Context<P>): MaybePromise<Outcome<never, S>>;
  /** Plain messages, timers, `Down` of monitors and, when `trapExit` is set, `Exit` of links. */
  handleInfo?(
    state: S,
    message: InfoMessage<P> | Down | Exit,
    ctx: Context<P>,
  ): MaybePromise<Outcome<never, S>>;
  /**
   * Runs before the process ends by `stop`, by a crash or, if `trapExit` is set, by its supervisor. As in OTP it does
   * not run when the process is killed: vital cleanup belongs to a monitor.
   */
  terminate?(reason: ExitReason, state: S, ctx: Context<P>): MaybePromise<void>;
  /** False by default, as in OTP. */
  trapExit?: boolean;
  mailbox?: MailboxBound;
}

/** The callbacks of a server. `handleCall` and `handleCast` are required if the protocol has calls or casts. */
export type GenServerCallbacks<P extends Protocol, S, A> = Callbacks<P, S, A> &
  ([CallName<P>] extends [never] ? unknown : { handleCall: CallHandlers<P, S> }) &
  ([CastName<P>] extends [never] ? unknown : { handleCast: CastHandlers<P, S> });

/** A server ready to be started, any number of times. */
export interface GenServer<P extends Protocol, S, A> extends Behaviour<P, A> {
  /** The specification of a child that starts with `args`. */
  childSpec(args: A, options?: ChildOptions): ChildSpec<A, P>;
  /** @internal Carries a type only. */
  readonly state?: S;
}

const MESSAGES_MAX = 10_000;

/**
 * Declares a server: OTP's `use GenServer`. `P` is its protocol, `S` its state, `A` the argument of `init`. A handler
 * gets the state and returns the next one, so a turn that throws changes nothing. A `Failure` goes to the caller and
 * the server lives on. Anything else is a bug and crashes the server.
 */
export function genServer<P extends Protocol, S, A = undefined>(
  callbacks: GenServerCallbacks<P, S, A>,
): GenServer<P, S, A> {
  return defineServer('worker', callbacks);
}

function boundOf(mailbox: MailboxBound = {}): Required<MailboxBound> {
  const { messagesMax = MESSAGES_MAX, bytesMax = Infinity, overflow = 'reject' } = checkOptions('mailbox', mailbox);
  return {
    messagesMax: checkNumber('mailbox.messagesMax', messagesMax, { min: 1, isEndless: true }),
    bytesMax: checkNumber('mailbox.bytesMax', bytesMax, { min: 0, isWhole: false, isEndless: true }),
    overflow: checkChoice('mailbox.overflow', overflow, ['reject', 'drop_oldest', 'block']),
  };
}

/** @internal Like `genServer`, with the type for supervisors. */
export function defineServer<P extends Protocol, S, A>(
  type: Behaviour['type'],
  callbacks: GenServerCallbacks<P, S, A>,
): GenServer<P, S, A> {
  const { name, mailbox, trapExit = false } = checkOptions('the server', callbacks);
  checkText('name', name);
  checkFunction('init', callbacks.init);
  const { handleCall = {}, handleCast = {} } = callbacks as Partial<
    Record<'handleCall' | 'handleCast', Record<string, Unchecked>>
  >;
  const server: GenServer<P, S, A> = {
    name,
    type,
    trapExit,
    bound: boundOf(mailbox),
    calls: new Map(Object.entries(handleCall)),
    casts: new Map(Object.entries(handleCast)),
    init: callbacks.init,
    handleInfo: callbacks.handleInfo,
    handleContinue: callbacks.handleContinue,
    terminate: callbacks.terminate,
    childSpec: (args, options) => specOf<A, P>(server, start, args, options),
  };
  const start: ChildSpec<A, P>['start'] = (args, ctx) => ctx.startLink(server, args);
  return server;
}

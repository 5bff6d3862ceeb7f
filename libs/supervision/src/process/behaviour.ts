import type { ExitReason } from '../exit-reason.ts';
import type { MailboxBound } from '../message/mailbox.ts';
import type { Protocol, Unchecked } from '../message/protocol.ts';
import type { MaybePromise, Outcome } from './outcome.ts';

type Turn = MaybePromise<Outcome<unknown, unknown>>;
/** `(state, …, ctx)`; `genServer` knows the types. */
type Handler = (...args: Unchecked[]) => Turn;

/** The callbacks of a server, as its processes run them. `genServer` makes it with the right types. */
export interface Behaviour<P extends Protocol = Unchecked, A = Unchecked> {
  readonly name: string;
  readonly type: 'worker' | 'supervisor';
  readonly trapExit: boolean;
  readonly bound: Required<MailboxBound>;
  readonly calls: ReadonlyMap<string, Handler>;
  readonly casts: ReadonlyMap<string, Handler>;
  readonly init: (args: A, ctx: Unchecked) => Turn;
  readonly handleInfo: Handler | undefined;
  readonly handleContinue: Handler | undefined;
  readonly terminate:
    | ((reason: ExitReason, state: Unchecked, ctx: Unchecked) => MaybePromise<void>)
    | undefined;
  /** @internal Always absent: it carries the protocol's type. */
  readonly protocol?: P;
}

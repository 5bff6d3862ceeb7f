import type { Unchecked } from '../message/protocol.ts';
import type { ExitReason } from '../exit-reason.ts';
import type { MailboxBound } from '../message/mailbox.ts';
import type { From } from '../message/request.ts';
import type { Context } from './context.ts';
import type { MaybePromise, Outcome } from './outcome.ts';

type Turn = MaybePromise<Outcome<unknown, unknown>>;

/** The callbacks of a server as its processes run them; made by `genServer`, which has the types. */
export interface Behaviour {
  readonly name: string;
  readonly type: 'worker' | 'supervisor';
  readonly trapExit: boolean;
  readonly bound: Required<MailboxBound>;
  readonly calls: ReadonlyMap<string, CallHandler>;
  readonly casts: ReadonlyMap<string, CastHandler>;
  readonly init: (args: Unchecked, ctx: Context) => Turn;
  readonly handleInfo: ((state: Unchecked, message: Unchecked, ctx: Context) => Turn) | undefined;
  readonly handleContinue: ((state: Unchecked, message: Unchecked, ctx: Context) => Turn) | undefined;
  readonly terminate:
    | ((reason: ExitReason, state: Unchecked, ctx: Context) => MaybePromise<void>)
    | undefined;
}

export type CallHandler = (state: Unchecked, request: Unchecked, from: From<Unchecked>, ctx: Context) => Turn;
export type CastHandler = (state: Unchecked, message: Unchecked, ctx: Context) => Turn;

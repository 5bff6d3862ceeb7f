import type { ExitReason } from '../exit-reason.ts';
import type { MessageKind } from '../message/mailbox.ts';
import type { Ref } from '../message/ref.ts';

/** One message as a tracer or a crash report sees it. */
export interface MessageFacts {
  readonly kind: MessageKind;
  /** The name of the call or cast. */
  readonly name: string | undefined;
  readonly payload: unknown;
}

/** Functions that watch one server. A server nobody watches pays one comparison a turn. */
export interface Tracer {
  /** Before each turn. */
  onMessage?(ref: Ref, message: MessageFacts): void;
  /** After each turn that changed the state. */
  onState?(ref: Ref, state: unknown, previous: unknown): void;
  /** When a turn threw, or a server stopped with an abnormal reason. */
  onCrash?(ref: Ref, reason: ExitReason): void;
  /** @internal What it throws, the handler of this message throws: the testkit's crash injection. */
  fault?(message: MessageFacts): void;
}

/** A process ended abnormally by its own doing: a turn threw, or it stopped with an error. */
export interface Crash {
  readonly ref: Ref;
  readonly reason: ExitReason;
  /** What it was handling; undefined when it crashed outside of a message. */
  readonly message: MessageFacts | undefined;
}

/** What a supervisor did, or could not do. */
export interface SupervisorEvent {
  readonly kind: 'child_terminated' | 'start_failed' | 'shutdown_error' | 'gave_up';
  readonly supervisor: Ref;
  readonly id: string;
  readonly reason: ExitReason;
}

import type { ExitReason } from './exit-reason.ts';
import type { DeadLetter } from './message/dead-letters.ts';
import type { MessageFacts, Ref } from './message/ref.ts';

/** A process ended abnormally by its own doing: a turn threw, or it stopped with an error. */
export interface Crash {
  readonly ref: Ref;
  readonly reason: ExitReason;
  /** What it was handling; undefined when it crashed outside of a message. */
  readonly message: MessageFacts | undefined;
  /** Its state before that message; undefined where there was none. */
  readonly state?: unknown;
}

/** Something failed in a process that lives on: one event of a stage, for instance. */
export interface Survived {
  readonly ref: Ref;
  readonly error: unknown;
}

/** What a supervisor did, or could not do. */
export interface SupervisorEvent {
  readonly kind: 'child_terminated' | 'start_failed' | 'shutdown_error' | 'gave_up';
  readonly supervisor: Ref;
  readonly id: string;
  readonly reason: ExitReason;
}

/** Functions a system tells what happens in it; without them it keeps silent. */
export interface SystemHooks {
  /** A process crashed. OTP's crash report. */
  onCrash?(crash: Crash): void;
  /** Something failed in a process, which lives on. Without this function `onCrash` is told. */
  onError?(error: Survived): void;
  /** A supervisor lost a child, failed to start one, or gave up. OTP's supervisor report. */
  onSupervisor?(event: SupervisorEvent): void;
  onDeadLetter?(letter: DeadLetter): void;
}

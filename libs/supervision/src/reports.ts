import { describeExit, type ExitReason } from './exit-reason.ts';
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

/** Functions a system tells what happens in it. `{}` keeps silent; where no hooks are given at all, see `consoleHooks`. */
export interface SystemHooks {
  /** A process crashed. OTP's crash report. */
  onCrash?(crash: Crash): void;
  /** Something failed in a process, which lives on. Without this function `onCrash` is told. */
  onError?(error: Survived): void;
  /** A supervisor lost a child, failed to start one, or gave up. OTP's supervisor report. */
  onSupervisor?(event: SupervisorEvent): void;
  onDeadLetter?(letter: DeadLetter): void;
}

const LINES_MAX = 100;

/**
 * The hooks of a system that is given none: a line on stderr for each crash and each error that a process survived. The
 * same line comes once, and after a hundred different ones no more: who wants to hear all gives hooks.
 */
export function consoleHooks(): SystemHooks {
  const told = new Set<string>();
  const tell = (ref: Ref, what: string, reason: ExitReason): void => {
    const line = `${ref.label.replace(/#.*/, '')} ${what}: ${describeExit(reason)}`;
    if (told.has(line) || told.size >= LINES_MAX) return;
    told.add(line);
    console.error(line);
  };
  return {
    onCrash: ({ ref, reason }) => tell(ref, 'crashed', reason),
    onError: ({ ref, error }) => tell(ref, 'goes on after an error', { error }),
  };
}

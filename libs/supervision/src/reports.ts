import { describeExit, type ExitReason } from './exit-reason.ts';
import type { DeadLetter } from './message/dead-letters.ts';
import type { MessageFacts, Ref } from './message/ref.ts';

/** A process ended abnormally by itself: a turn threw, or it stopped with an error. */
export interface Crash {
  readonly ref: Ref;
  readonly reason: ExitReason;
  /** The message being handled; undefined if there was none. */
  readonly message: MessageFacts | undefined;
  /** The state before that message; undefined if there was none. */
  readonly state?: unknown;
}

/** A failure in a process that lives on, such as one event of a stage. */
export interface Survived {
  readonly ref: Ref;
  readonly error: unknown;
}

/** An action of a supervisor, or an action that failed. */
export interface SupervisorEvent {
  readonly kind: 'child_terminated' | 'start_failed' | 'shutdown_error' | 'gave_up';
  readonly supervisor: Ref;
  readonly id: string;
  readonly reason: ExitReason;
}

/** Functions by which a system reports. `{}` is silent. Without hooks, see `consoleHooks`. */
export interface SystemHooks {
  /** A process crashed. OTP's crash report. */
  onCrash?(crash: Crash): void;
  /** Something failed in a process that lives on. Without this function `onCrash` is called. */
  onError?(error: Survived): void;
  /** A supervisor lost a child, failed to start one, or gave up. OTP's supervisor report. */
  onSupervisor?(event: SupervisorEvent): void;
  onDeadLetter?(letter: DeadLetter): void;
}

const LINES_MAX = 100;

/**
 * The hooks of a system without hooks: one line on stderr for each crash and each survived error. A repeated line is
 * printed once, and after a hundred different lines no more are printed. Pass hooks to get all reports.
 */
export function consoleHooks(): SystemHooks {
  const printed = new Set<string>();
  const tell = (ref: Ref, what: string, reason: ExitReason): void => {
    const line = `${ref.label.replace(/#.*/, '')} ${what}: ${describeExit(reason)}`;
    if (printed.has(line) || printed.size >= LINES_MAX) return;
    printed.add(line);
    console.error(line);
  };
  return {
    onCrash: ({ ref, reason }) => tell(ref, 'crashed', reason),
    onError: ({ ref, error }) => tell(ref, 'goes on after an error', { error }),
  };
}

import type { Runtime, Timer } from '@aisle/std';
import { checkReason, type ExitSignal } from '../exit-reason.ts';
import { Deadlock, ProcessDead, ProcessFailure } from '../failures.ts';
import { Envelope, INFO } from '../message/mailbox.ts';
import type {
  CallArguments, CallName, CallReply, InfoMessage, Protocol, Unchecked,
} from '../message/protocol.ts';
import type { Address, Ref } from '../message/ref.ts';
import type { ChildSpec } from '../supervisor/child-spec.ts';
import type { Process } from './process.ts';
import type { MaybePromise } from './outcome.ts';
import type { Monitor } from './links.ts';

/**
 * The operations of a handler in its process. Once the process is dead, every method and property throws ProcessDead.
 * Nothing can preempt JavaScript, so a killed turn may go on running, but it can have no further effect.
 */
export class Context<P extends Protocol = Unchecked> {
  constructor(private readonly process: Process) {}

  /** This process, as an address for others. */
  get self(): Ref<P> {
    return alive(this.process);
  }

  /** The parent of this process, its parent, and so on to the root; OTP's `$ancestors`. */
  get ancestors(): readonly Ref[] {
    return alive(this.process).ancestors;
  }

  /** The system's clock, timers and random numbers: the only ones a handler should use. */
  get runtime(): Runtime {
    return alive(this.process).system.runtime;
  }

  /** Aborted when the process is killed during this turn. Pass it to everything that the turn awaits. */
  get signal(): AbortSignal {
    return (alive(this.process).controller ??= new AbortController()).signal;
  }

  /** Whether exit signals become `Exit` messages, and `terminate` runs on shutdown. */
  get trapExit(): boolean {
    return alive(this.process).trapExit;
  }

  set trapExit(trap: boolean) {
    alive(this.process).trapExit = trap;
  }

  /**
   * Like `to.call(…)`, but detects a call to the calling process even after an `await`. A bare `ref.call` cannot know
   * its caller there.
   */
  call<Q extends Protocol, K extends CallName<Q>>(
    to: Address<Q>,
    name: K,
    ...args: CallArguments<Q, K>
  ): Promise<CallReply<Q, K>> {
    const self = alive(this.process);
    if (to.whereis() === self) return Promise.reject(new Deadlock(self.label));
    return to.call(name, ...args);
  }

  /** Sends `message` to this process after `delayMs`. The timer ends with the process. */
  sendAfter(delayMs: number, message: InfoMessage<P>): Timer {
    const process = alive(this.process);
    const fire = (): void => {
      process.timers?.delete(timer);
      process.post(new Envelope(INFO, undefined, message, 0));
    };
    const timer = bind(process, process.system.runtime.timers.after(delayMs, fire));
    return timer;
  }

  /** Sends `message` to this process every `intervalMs`, until cancelled or the process ends. */
  sendEvery(intervalMs: number, message: InfoMessage<P>): Timer {
    const process = alive(this.process);
    const fire = (): void => process.post(new Envelope(INFO, undefined, message, 0));
    return bind(process, process.system.runtime.timers.every(intervalMs, fire));
  }

  /**
   * Reports an error that this process survives to the system's hooks: to `onError`, or to `onCrash` if there is no
   * `onError`.
   */
  report(error: unknown): void {
    const self = alive(this.process);
    const { hooks } = self.system;
    if (hooks.onError) self.system.shield(() => hooks.onError?.({ ref: self, error }));
    else self.system.shield(() => hooks.onCrash?.({ ref: self, reason: { error }, message: undefined }));
  }

  /** Starts a child of this process, linked to it. Throws StartFailed, ChildFailure.alreadyStarted, ChildFailure.ignored. */
  startLink<Q extends Protocol>(spec: ChildSpec<Unchecked, Q>): MaybePromise<Ref<Q>> {
    const process = alive(this.process);
    return process.system.spawn(spec, process);
  }

  /**
   * Like `to.exit(…)`, but known to come from this process even after an `await`. A child that traps exits ends by its
   * parent's signal, and takes any other signal as a message.
   */
  exit(to: Address, signal: ExitSignal): void {
    const self = alive(this.process);
    checkReason(signal);
    (to.whereis() as Process | undefined)?.receiveExit(self, signal);
  }

  /**
   * Links this process to another: when one ends abnormally, so does the other. Throws ProcessFailure.noproc for a name without a
   * process. A ref of a dead process answers with the exit signal `noproc`.
   */
  link(to: Address): void {
    alive(this.process).link(target(to));
  }

  unlink(to: Address): void {
    const other = to.whereis();
    if (other !== undefined) alive(this.process).unlink(other as Process);
  }

  /**
   * Asks for one `Down` message when the other process ends, with `noproc` if it has ended already. Throws ProcessFailure.noproc
   * for a name without a process.
   */
  monitor(to: Address): Monitor {
    return alive(this.process).monitor(target(to));
  }
}

function alive(process: Process): Process {
  if (!process.alive) throw new ProcessDead(process.label);
  return process;
}

// The ref of a dead process is a valid target and is answered with `noproc`. A name without a process is not.
function target(to: Address): Process {
  const found = to.whereis() ?? to;
  if (!('pid' in found)) throw ProcessFailure.noproc(to.toString());
  return found as Process;
}

function bind(process: Process, timer: Timer): Timer {
  const timers = (process.timers ??= new Set());
  const bound = {
    cancel: () => {
      timers.delete(bound);
      timer.cancel();
    },
  };
  timers.add(bound);
  return bound;
}

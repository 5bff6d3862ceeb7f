import type { Runtime, Timer } from '@aisle/std';
import { checkReason, type ExitSignal } from '../exit-reason.ts';
import { Deadlock, NoProcess, ProcessDead } from '../failures.ts';
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
 * What a handler can do as its process. Once the process is dead every method and property throws
 * ProcessDead: nothing can preempt JavaScript, so a killed turn may go on, but it cannot act any more.
 */
export class Context<P extends Protocol = Unchecked> {
  constructor(private readonly process: Process) {}

  /** This process, for others to send to. */
  get self(): Ref<P> {
    return alive(this.process);
  }

  /** Who started this process, and whose children those are, up to the root; OTP's `$ancestors`. */
  get ancestors(): readonly Ref[] {
    return alive(this.process).ancestors;
  }

  /** The system's clock, timers and chance: the only ones a handler should use. */
  get runtime(): Runtime {
    return alive(this.process).system.runtime;
  }

  /** Aborted when the process is killed in this turn. Pass it to whatever the turn awaits. */
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
   * `to.call(…)` by which a call to oneself is found out even after an `await`, where a bare
   * `ref.call` cannot know any more who is calling.
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

  /** Tells the system's hooks of an error that this process survives: `onError`, or `onCrash` where that is not given. */
  report(error: unknown): void {
    const self = alive(this.process);
    const { hooks } = self.system;
    if (hooks.onError) self.system.shield(() => hooks.onError?.({ ref: self, error }));
    else self.system.shield(() => hooks.onCrash?.({ ref: self, reason: { error }, message: undefined }));
  }

  /** Starts a child of this process, linked to it. Throws StartFailed, AlreadyStarted, StartIgnored. */
  startLink<Q extends Protocol>(spec: ChildSpec<Unchecked, Q>): MaybePromise<Ref<Q>> {
    const process = alive(this.process);
    return process.system.spawn(spec, process);
  }

  /**
   * `to.exit(…)` that is known to come from this process, even after an `await`: a child that traps exits
   * ends by its parent's signal, and takes anybody else's for a message.
   */
  exit(to: Address, signal: ExitSignal): void {
    const self = alive(this.process);
    checkReason(signal);
    (to.whereis() as Process | undefined)?.receiveExit(self, signal);
  }

  /**
   * Ties this process to another: when one ends abnormally, so does the other. Throws NoProcess for
   * a name that nobody bears; a ref of the dead answers with the exit signal `noproc`.
   */
  link(to: Address): void {
    alive(this.process).link(target(to));
  }

  unlink(to: Address): void {
    const other = to.whereis();
    if (other !== undefined) alive(this.process).unlink(other as Process);
  }

  /**
   * Asks for one `Down` message when the other process has ended; `noproc` if it has already. Throws
   * NoProcess for a name that nobody bears.
   */
  monitor(to: Address): Monitor {
    return alive(this.process).monitor(target(to));
  }
}

function alive(process: Process): Process {
  if (!process.alive) throw new ProcessDead(process.label);
  return process;
}

// A ref of the dead is still a target, answered with `noproc`; a name that nobody bears is none.
function target(to: Address): Process {
  const found = to.whereis() ?? to;
  if (!('pid' in found)) throw new NoProcess(to.toString());
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

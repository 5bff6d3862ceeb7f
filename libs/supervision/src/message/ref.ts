import type { ExitReason, ExitSignal } from '../exit-reason.ts';
import { NoProcess } from '../failures.ts';
import type {
  CallArguments, CallName, CallReply, CastArguments, CastName, CastOptions,
  InfoMessage, Protocol, Unchecked,
} from './protocol.ts';
import type { System } from '../system.ts';
import type { Tracer } from '../process/tracer.ts';

/** Where messages go: a process, or a name that stands for whoever bears it when the message leaves. */
export interface Address<P extends Protocol = Unchecked> {
  /**
   * Sends a request and resolves with its reply. Rejects with the `Failure` the handler threw, or
   * with NoProcess, ServerExited, CallTimeout, MailboxFull; with Deadlock for a call to oneself.
   */
  call<K extends CallName<P>>(name: K, ...args: CallArguments<P, K>): Promise<CallReply<P, K>>;
  /**
   * Sends a message and waits for nothing. False when it was refused, because nobody lives there or the
   * mailbox is full; it is in the dead letters then. It never throws.
   */
  cast<K extends CastName<P>>(name: K, ...args: CastArguments<P, K>): boolean;
  /** Sends a plain message, which arrives at `handleInfo`; otherwise as `cast`. */
  send(message: InfoMessage<P>, options?: CastOptions): boolean;
  /**
   * Resolves once the mailbox has room, after the casts that wait for it already: how a sender keeps pace
   * with a server whose mailbox says `block`. False when nobody lives there, or ended meanwhile.
   */
  room(): Promise<boolean>;
  /** The living process at this address, if there is one. */
  whereis(): Ref<P> | undefined;
  /** The name, for failures and logs. */
  toString(): string;
}

/** One process. It stays this process: after a restart the new one has another ref. */
export interface Ref<P extends Protocol = Unchecked> extends Address<P> {
  /** Unique in its system, never used again. */
  readonly pid: number;
  /** The child id and the pid, such as `counter#12`. */
  readonly label: string;
  readonly alive: boolean;
  /** Sends an exit signal, as `Process.exit/2` does: `kill` cannot be trapped, `normal` is ignored. */
  exit(signal: ExitSignal): void;
  /**
   * Ends the process in an orderly way: it finishes what is in its mailbox, runs `terminate`, and
   * exits with `reason`. Rejects with CallTimeout when it has not ended within `timeoutMs`.
   */
  stop(reason?: ExitReason, timeoutMs?: number | 'infinity'): Promise<void>;
  /** Resolves with the reason once the process has ended: a monitor for code outside of processes. */
  whenDown(): Promise<ExitReason>;
  /** Watches messages, states and crashes until the returned function is called. */
  trace(tracer: Tracer): () => void;
  /** For registries: `watcher` is told in the instant the process ends, before its supervisor hears of it. */
  watch(watcher: Watcher): void;
  unwatch(watcher: Watcher): void;
}

/** Is told once that a process has ended. It must not throw. */
export interface Watcher {
  onDown(ref: Ref, reason: ExitReason): void;
}

/** What a child specification's `name` takes: a place where a starting process registers itself. */
export interface Name {
  /** Throws a Failure while the name belongs to another living process; the start fails with it. */
  register(ref: Ref): void;
}

/** An address that is looked up anew for every message; `via` of `@aisle/registry` is one. */
export abstract class Alias<P extends Protocol = Unchecked> implements Address<P> {
  protected abstract readonly system: System;
  abstract whereis(): Ref<P> | undefined;
  abstract toString(): string;

  call<K extends CallName<P>>(name: K, ...args: CallArguments<P, K>): Promise<CallReply<P, K>> {
    const ref = this.whereis();
    return ref ? ref.call(name, ...args) : Promise.reject(new NoProcess(this.toString()));
  }

  cast<K extends CastName<P>>(name: K, ...args: CastArguments<P, K>): boolean {
    const ref = this.whereis();
    if (ref) return ref.cast(name, ...args);
    return this.undeliverable('cast', name, args[0]);
  }

  send(message: InfoMessage<P>, options?: CastOptions): boolean {
    const ref = this.whereis();
    if (ref) return ref.send(message, options);
    return this.undeliverable('info', undefined, message);
  }

  room(): Promise<boolean> {
    return this.whereis()?.room() ?? Promise.resolve(false);
  }

  private undeliverable(kind: 'cast' | 'info', name: string | undefined, payload: unknown): false {
    this.system.deadLetters.add({ to: this as Address, kind, name, payload, cause: 'noproc' });
    return false;
  }
}

import type { ExitReason, ExitSignal } from '../exit-reason.ts';
import type { MessageKind } from './mailbox.ts';
import type {
  CallArguments, CallName, CallReply, CastArguments, CastName, InfoMessage, Protocol, SendOptions,
  Unchecked,
} from './protocol.ts';

/** A destination of messages: a process, or a name that is looked up for each message. */
export interface Address<P extends Protocol = Unchecked> {
  /**
   * Sends a request and resolves with its reply. Rejects with the `Failure` that the handler threw, with ProcessFailure.noproc,
   * ServerExited, CallFailure.timeout or CallFailure.mailboxFull, and with Deadlock for a call to the calling process.
   */
  call<K extends CallName<P>>(name: K, ...args: CallArguments<P, K>): Promise<CallReply<P, K>>;
  /**
   * Sends a message without waiting. Returns false if it was refused, because there is no process or the mailbox is
   * full. A refused message is in the dead letters. Never throws.
   */
  cast<K extends CastName<P>>(name: K, ...args: CastArguments<P, K>): boolean;
  /** Sends a plain message to `handleInfo`; otherwise like `cast`. */
  send(message: InfoMessage<P>, options?: SendOptions): boolean;
  /**
   * Resolves with true once the mailbox has room, after the casts that wait already. A sender uses it to keep pace with
   * a server whose mailbox says `block`. Resolves with false if there is no process, or if it ends first.
   */
  room(): Promise<boolean>;
  /** Like the process's own `stop`. Rejects with ProcessFailure.noproc for a name without a process. */
  stop(reason?: ExitReason, timeoutMs?: number | 'infinity'): Promise<void>;
  /** Like the process's own `exit`; has no effect without a process. */
  exit(signal: ExitSignal): void;
  /** The living process at this address, if there is one. */
  whereis(): Ref<P> | undefined;
  /** The name, for error texts and logs. */
  toString(): string;
}

/** One process, for its whole life. A restarted process has another ref. */
export interface Ref<P extends Protocol = Unchecked> extends Address<P> {
  /** Unique within its system, and never reused. */
  readonly pid: number;
  /** The child id and the pid, such as `counter#12`. */
  readonly label: string;
  readonly alive: boolean;
  /** Sends an exit signal, as `Process.exit/2` does: `kill` cannot be trapped, `normal` is ignored. */
  exit(signal: ExitSignal): void;
  /**
   * Ends the process in order: it handles its mailbox, runs `terminate`, and exits with `reason`. Rejects with
   * CallFailure.timeout if it has not ended within `timeoutMs`. Resolves at once if it is dead.
   */
  stop(reason?: ExitReason, timeoutMs?: number | 'infinity'): Promise<void>;
  /**
   * Resolves with the reason once the process has ended: a monitor for code outside of processes. If `signal` aborts,
   * it rejects with the signal's reason and stops watching.
   */
  whenDown(options?: { signal?: AbortSignal }): Promise<ExitReason>;
  /**
   * The state after everything that is in the mailbox now. OTP's `sys:get_state`, for consoles and tests. Rejects like
   * a call.
   */
  getState(): Promise<unknown>;
  /** Reports messages, states and crashes until the returned function is called. */
  trace(tracer: Tracer): () => void;
  /** For registries: `watcher` is told at the instant the process ends, before its supervisor is. */
  watch(watcher: Watcher): void;
  unwatch(watcher: Watcher): void;
}

/** A message as tracers and crash reports show it. */
export interface MessageFacts {
  readonly kind: MessageKind;
  /** The name of the call or cast. */
  readonly name: string | undefined;
  readonly payload: unknown;
}

/** Functions that watch one server. A server without a tracer pays one comparison a turn. */
export interface Tracer {
  /** Called before each turn. */
  onMessage?(ref: Ref, message: MessageFacts): void;
  /** Called after each turn that changed the state. */
  onState?(ref: Ref, state: unknown, previous: unknown): void;
  /** Called when a turn threw, or when a server stopped with an abnormal reason. */
  onCrash?(ref: Ref, reason: ExitReason): void;
  /** @internal An error thrown here replaces the handler of this message: the crash injection of tests. */
  fault?(message: MessageFacts): void;
}

/** Told once that a process has ended. It must not throw. */
export interface Watcher {
  onDown(ref: Ref, reason: ExitReason): void;
}

/** The `name` of a child specification: a place where a starting process registers itself. */
export interface Name {
  /** Throws a Failure if the name belongs to another living process. Then the start fails with it. */
  register(ref: Ref): void;
}

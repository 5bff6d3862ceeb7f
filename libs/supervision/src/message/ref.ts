import type { ExitReason, ExitSignal } from '../exit-reason.ts';
import type { MessageKind } from './mailbox.ts';
import type {
  CallArguments, CallName, CallReply, CastArguments, CastName, InfoMessage, Protocol, SendOptions,
  Unchecked,
} from './protocol.ts';

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
  send(message: InfoMessage<P>, options?: SendOptions): boolean;
  /**
   * Resolves once the mailbox has room, after the casts that wait for it already: how a sender keeps pace
   * with a server whose mailbox says `block`. False when nobody lives there, or ended meanwhile.
   */
  room(): Promise<boolean>;
  /** As the process's own `stop`. Rejects with NoProcess where nobody lives at a name. */
  stop(reason?: ExitReason, timeoutMs?: number | 'infinity'): Promise<void>;
  /** As the process's own `exit`; nothing happens where nobody lives. */
  exit(signal: ExitSignal): void;
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
   * exits with `reason`. Rejects with CallTimeout when it has not ended within `timeoutMs`; resolves at once for the dead.
   */
  stop(reason?: ExitReason, timeoutMs?: number | 'infinity'): Promise<void>;
  /**
   * Resolves with the reason once the process has ended: a monitor for code outside of processes. Aborted by `signal`,
   * it rejects with that one's reason and watches no more.
   */
  whenDown(options?: { signal?: AbortSignal }): Promise<ExitReason>;
  /** The state after what is in the mailbox now; OTP's `sys:get_state`, for consoles and tests. Rejects as a call does. */
  getState(): Promise<unknown>;
  /** Watches messages, states and crashes until the returned function is called. */
  trace(tracer: Tracer): () => void;
  /** For registries: `watcher` is told in the instant the process ends, before its supervisor hears of it. */
  watch(watcher: Watcher): void;
  unwatch(watcher: Watcher): void;
}

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

/** Is told once that a process has ended. It must not throw. */
export interface Watcher {
  onDown(ref: Ref, reason: ExitReason): void;
}

/** What a child specification's `name` takes: a place where a starting process registers itself. */
export interface Name {
  /** Throws a Failure while the name belongs to another living process; the start fails with it. */
  register(ref: Ref): void;
}

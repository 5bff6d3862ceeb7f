import type { ExitReason, ExitSignal } from '../exit-reason.ts';
import { Envelope, INFO, STOP } from '../message/mailbox.ts';
import type { Ref, Watcher } from '../message/ref.ts';

/** Arrives at `handleInfo` once a monitored process has ended. */
export interface Down {
  readonly type: 'down';
  readonly monitor: Monitor;
  readonly ref: Ref;
  readonly reason: ExitReason;
}

/** Arrives at `handleInfo` of a process that traps exits: a linked process ended, or someone asks it to. */
export interface Exit {
  readonly type: 'exit';
  /** Undefined when the signal came from outside of any process. */
  readonly from: Ref | undefined;
  readonly reason: ExitReason;
}

/** Made by the runtime alone, so that a similar message from a process is not mistaken for one. */
export class ExitMessage implements Exit {
  readonly type = 'exit';
  constructor(
    readonly from: Ref | undefined,
    readonly reason: ExitReason,
  ) {}
}

/** Made by the runtime alone. */
export class DownMessage implements Down {
  readonly type = 'down';
  constructor(
    readonly monitor: Monitor,
    readonly ref: Ref,
    readonly reason: ExitReason,
  ) {}
}

/** True if a message is an instance of our class. A foreign object may throw even on this question. */
export function isMessage<T>(message: unknown, Kind: abstract new (...args: never[]) => T): message is T {
  try {
    return message instanceof Kind;
  } catch {
    return false;
  }
}

/**
 * The ties of a process: parent, children, links and monitors, and the effect of exit signals on them. Sets are created
 * on first use.
 */
export abstract class Links {
  abstract trapExit: boolean;
  /** Its parent ended it, so the parent needs no report. */
  expected = false;
  /** The reason of its end; undefined while it lives. */
  reason: ExitReason | undefined = undefined;
  children: Set<this> | undefined = undefined;
  private links: Set<Links> | undefined = undefined;
  private monitors: Set<Monitor> | undefined = undefined;
  private watchers: Set<Watcher> | undefined = undefined;
  private down: Promise<ExitReason> | undefined = undefined;

  /** The process that started it; undefined for a root. */
  readonly parent: this | undefined;

  constructor(parent: Links | undefined) {
    this.parent = parent as this | undefined;
  }

  /** Ends at once. */
  abstract die(reason: ExitReason): void;
  /** Accepts a message regardless of the bound. */
  abstract post(envelope: Envelope): void;

  /** The parent, its parent, and so on to the root; OTP's `$ancestors`. */
  get ancestors(): readonly this[] {
    const found: this[] = [];
    for (let next = this.parent; next !== undefined; next = next.parent) found.push(next);
    return found;
  }

  whenDown({ signal }: { signal?: AbortSignal } = {}): Promise<ExitReason> {
    if (this.reason !== undefined) return Promise.resolve(this.reason);
    // One watcher for all callers: each would stay until the end of the process.
    if (signal === undefined) return (this.down ??= this.nextDown());
    return this.nextDown(signal);
  }

  private nextDown(signal?: AbortSignal): Promise<ExitReason> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const watcher = { onDown: (_: Ref, reason: ExitReason) => resolve(reason) };
      this.watch(watcher);
      signal?.addEventListener('abort', () => {
        this.unwatch(watcher);
        reject(signal.reason as Error);
      }, { once: true });
    });
  }

  watch(watcher: Watcher): void {
    (this.watchers ??= new Set()).add(watcher);
  }

  unwatch(watcher: Watcher): void {
    this.watchers?.delete(watcher);
    if (this.watchers?.size === 0) this.watchers = undefined;
  }

  /** Links two processes: when one ends abnormally, so does the other, unless it traps exits. */
  link(other: Links & Ref): void {
    if (other === (this as Links)) return;
    if (other.reason !== undefined) return this.receiveExit(other, 'noproc');
    (this.links ??= new Set()).add(other);
    (other.links ??= new Set()).add(this);
  }

  /** Undoes `link`. The link between parent and child stays. */
  unlink(other: Links): void {
    this.links?.delete(other);
    other.links?.delete(this);
  }

  monitor(target: Links & Ref): Monitor {
    const monitor = new Monitor(this, target);
    if (target.reason === undefined) {
      target.watch(monitor);
      (this.monitors ??= new Set()).add(monitor);
    } else {
      monitor.onDown(target, 'noproc');
    }
    return monitor;
  }

  /** @internal */
  forget(monitor: Monitor): void {
    this.monitors?.delete(monitor);
  }

  /** OTP's `exit/2`: the rules that decide whether a signal kills, becomes a message, or is ignored. */
  receiveExit(from: Ref | undefined, signal: ExitSignal): void {
    if (signal === 'kill') return this.die('killed');
    if (!this.trapExit) {
      if (signal !== 'normal') this.die(signal);
    } else if (from !== undefined && (from as unknown) === this.parent) {
      this.post(new Envelope(STOP, undefined, signal, 0));
    } else {
      this.post(new Envelope(INFO, undefined, new ExitMessage(from, signal), 0));
    }
  }

  /** Tells its links, children and monitors that it ended; its parent only if `isReported` is true. */
  protected announceEnd(self: Ref, reason: ExitReason, isReported: boolean): void {
    for (const monitor of this.monitors ?? []) monitor.cancel();
    for (const watcher of this.watchers ?? []) watcher.onDown(self, reason);
    const targets: Links[] = [...(this.children ?? []), ...(this.links ?? [])];
    for (const other of this.links ?? []) other.links?.delete(this);
    if (this.parent?.children?.delete(this) && isReported) targets.unshift(this.parent);
    deliver(targets, self, reason);
  }
}

/** One process watching another. It ends with either of them. */
export class Monitor implements Watcher {
  constructor(
    private readonly owner: Links,
    private readonly target: Ref,
  ) {}

  /** @internal */
  onDown(_ref: Ref, reason: ExitReason): void {
    this.owner.forget(this);
    const down = new DownMessage(this, this.target, reason);
    this.owner.post(new Envelope(INFO, undefined, down, 0));
  }

  /** Stops watching. No `Down` will come, except one that is in the mailbox already. */
  cancel(): void {
    this.owner.forget(this);
    this.target.unwatch(this);
  }
}

interface Signal {
  readonly to: Links;
  readonly from: Ref;
  readonly reason: ExitReason;
}

const signals: Signal[] = [];
let delivering = false;

/**
 * Delivers ends that cause further ends one after another, never nested: a chain of links may be longer than the stack
 * is deep.
 */
function deliver(targets: readonly Links[], from: Ref, reason: ExitReason): void {
  for (const to of targets) signals.push({ to, from, reason });
  if (delivering) return;
  delivering = true;
  try {
    // The queue grows while it is processed. Removing entries from its front would move the rest each time.
    for (let at = 0; at < signals.length; at += 1) {
      const { to, from: dead, reason: why } = signals[at] as Signal;
      to.receiveExit(dead, why);
    }
  } finally {
    signals.length = 0;
    delivering = false;
  }
}

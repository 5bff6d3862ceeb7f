import type { ExitReason, ExitSignal } from '../exit-reason.ts';
import { Envelope, INFO, STOP } from '../message/mailbox.ts';
import type { Ref, Watcher } from '../message/ref.ts';
import type { Process } from './process.ts';

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

/** One process watching another; it ends with either of them. */
export class Monitor implements Watcher {
  constructor(
    private readonly owner: Process,
    private readonly target: Process,
  ) {
    if (target.reason !== undefined) {
      this.deliver('noproc');
      return;
    }
    target.watch(this);
    (owner.monitors ??= new Set()).add(this);
  }

  onDown(_ref: Ref, reason: ExitReason): void {
    this.owner.monitors?.delete(this);
    this.deliver(reason);
  }

  /** Stops watching; no `Down` will come that is not already in the mailbox. */
  cancel(): void {
    this.owner.monitors?.delete(this);
    this.target.unwatch(this);
  }

  private deliver(reason: ExitReason): void {
    const down: Down = { type: 'down', monitor: this, ref: this.target, reason };
    this.owner.post(new Envelope(INFO, undefined, down, 0));
  }
}

/** Ties two processes: when one ends abnormally, so does the other, unless it traps exits. */
export function link(one: Process, other: Process): void {
  if (one === other) return;
  if (other.reason !== undefined) return exitSignal(one, other, 'noproc');
  (one.links ??= new Set()).add(other);
  (other.links ??= new Set()).add(one);
}

/** Undoes `link`. The tie between parent and child stays. */
export function unlink(one: Process, other: Process): void {
  one.links?.delete(other);
  other.links?.delete(one);
}

/** OTP's `exit/2`: the rules by which a signal kills, becomes a message, or is ignored. */
export function exitSignal(to: Process, from: Process | undefined, signal: ExitSignal): void {
  if (signal === 'kill') return to.die('killed');
  if (!to.trapExit) {
    if (signal !== 'normal') to.die(signal);
  } else if (from !== undefined && from === to.parent) {
    to.post(new Envelope(STOP, undefined, signal, 0));
  } else {
    const exit: Exit = { type: 'exit', from, reason: signal };
    to.post(new Envelope(INFO, undefined, exit, 0));
  }
}

interface Signal {
  readonly to: Process;
  readonly from: Process;
  readonly reason: ExitReason;
}

const pending: Signal[] = [];
let delivering = false;

/**
 * Tells the kin of a process that it ended. `heard` is false for a parent that knows already.
 * Ends that cause further ends are delivered one after the other, never nested: a chain of links may be
 * longer than the stack is deep.
 */
export function announceEnd(process: Process, reason: ExitReason, heard: boolean): void {
  const { parent, children, links } = process;
  if (parent?.children?.delete(process) && heard) pending.push({ to: parent, from: process, reason });
  for (const child of children ?? []) pending.push({ to: child, from: process, reason });
  for (const other of links ?? []) {
    other.links?.delete(process);
    pending.push({ to: other, from: process, reason });
  }
  if (delivering) return;
  delivering = true;
  try {
    for (let signal = pending.shift(); signal !== undefined; signal = pending.shift()) {
      exitSignal(signal.to, signal.from, signal.reason);
    }
  } finally {
    delivering = false;
  }
}

import { LIMITS } from './limits.ts';
import { SandboxFailure } from './failures.ts';
import { WorkerSlot } from './worker-slot.ts';
import type { Failure, Runtime, Timer } from '@aisle/std';
import type { Call, Part, ScriptCode } from './messages.ts';
import type { Job } from './worker-slot.ts';

/** The bound on waiting admissions, and on their time. After it they are refused for now. A command has 5 s. */
const WAITING_MAX = 8;
const WAIT_MS = 2_000;
const RETRY_AFTER_MS = 1_000;
/** The thread ends after this idle time, because loading a script is rare. */
const REST_MS = 30_000;
const RESTART_MS = 100;

interface Waiting {
  readonly timer: Timer;
  admit(): void;
  refuse(reason: Error): void;
}

/**
 * Reads and tries scripts before they price anything: one after another, in a thread of its own, so no live price waits
 * for it. A caller that accepts scripts of strangers admits them first. Each has its turn soon or is told to retry,
 * however many come and whatever their scripts do.
 */
export class Trials {
  private readonly runtime: Runtime;
  private readonly wasm: WebAssembly.Module;
  private slot: WorkerSlot | undefined;
  /** The first job is with the worker, once that is idle. */
  private queue: Job[] = [];
  private isTaken = false;
  private waiting: Waiting[] = [];
  private rest: Timer | undefined;
  private closed = false;

  constructor(runtime: Runtime, wasm: WebAssembly.Module) {
    this.runtime = runtime;
    this.wasm = wasm;
  }

  /** Runs work that may `ask`, while no other runs. Throws `sandbox.busy` and `sandbox.closed`. */
  async admit<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** Asks a script in a fresh context, call by call. Without calls it is asked for its meta. */
  ask(script: ScriptCode, calls: readonly Call[]): Promise<readonly Part[]> {
    if (this.closed) return Promise.reject(SandboxFailure.closed());
    this.slot ??= this.newSlot();
    return new Promise<readonly Part[]>((resolve, reject) => {
      const count = calls.reduce((sum, { netsMinor }) => sum + netsMinor.length, 0);
      this.queue.push({
        at: 1, round: 0, script, calls, count, fresh: true, isAhead: false, kills: 0, deadline: undefined,
        isAwaited: () => true,
        settle: (parts) => {
          this.queue.shift();
          resolve(parts);
          this.restSoon();
        },
        fail: reject,
      });
      this.rest?.cancel();
      this.send();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    this.rest?.cancel();
    for (const each of this.waiting.splice(0)) each.refuse(SandboxFailure.closed());
    const { slot } = this;
    this.slot = undefined;
    await slot?.close();
    for (const job of this.queue.splice(0)) job.fail(SandboxFailure.closed());
  }

  private enter(): Promise<void> {
    if (this.closed) return Promise.reject(SandboxFailure.closed());
    if (!this.isTaken) {
      this.isTaken = true;
      return Promise.resolve();
    }
    const busy = (): Failure => SandboxFailure.busy({ waitingMax: WAITING_MAX, retryAfterMs: RETRY_AFTER_MS });
    if (this.waiting.length >= WAITING_MAX) return Promise.reject(busy());
    return new Promise((admit, refuse) => {
      const timer = this.runtime.timers.after(WAIT_MS, () => {
        this.waiting = this.waiting.filter((each) => each.timer !== timer);
        refuse(busy());
      });
      this.waiting.push({ timer, admit, refuse });
    });
  }

  private leave(): void {
    const next = this.waiting.shift();
    if (!next) {
      this.isTaken = false;
      return;
    }
    next.timer.cancel();
    next.admit();
  }

  private restSoon(): void {
    if (this.queue.length > 0 || this.closed) return;
    this.rest = this.runtime.timers.after(REST_MS, () => {
      const { slot } = this;
      this.slot = undefined;
      void slot?.close();
    }, { background: true });
  }

  private newSlot(): WorkerSlot {
    return new WorkerSlot(this.runtime, { wasm: this.wasm, seat: undefined }, {
      idle: () => this.send(),
      gone: (slot, [job], culprit) => {
        if (slot !== this.slot) return;
        // Starts at once after a kill. A worker that failed to start waits a little.
        if (culprit !== 0) this.slot = this.newSlot();
        else this.runtime.timers.after(RESTART_MS, () => { this.slot = this.closed ? undefined : this.newSlot(); });
        if (job) this.tryAgain(job);
      },
    });
  }

  /** Tries a script that ran too long a second time, since a busy machine is unlikely to delay it twice. */
  private tryAgain(job: Job): void {
    job.kills += 1;
    if (job.kills >= 2) job.settle([{ count: job.count, fault: 'killed', text: '' }]);
  }

  private send(): void {
    const [job] = this.queue;
    if (job && this.slot?.isIdle) this.slot.send([job], LIMITS.secondStepMs);
  }
}

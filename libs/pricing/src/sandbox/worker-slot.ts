import { startWorker } from '@aisle/std';
import type { Runtime, Timer } from '@aisle/std';
import type { Worker } from 'node:worker_threads';
import type { Asker } from '../strategy.ts';
import type { Batch, Call, Part, Report, ScriptCode, Task } from './messages.ts';

/** A piece of work in the pool. */
export interface Job {
  readonly at: number;
  /** Jobs of one round run in sequence. */
  readonly round: number;
  readonly script: ScriptCode;
  readonly calls: readonly Call[];
  readonly count: number;
  readonly fresh: boolean;
  /** True if nobody needs the answer yet. */
  readonly isAhead: boolean;
  /** The caller that waits for the answer, if it is a particular one. */
  readonly asker?: Asker | undefined;
  kills: number;
  /** The time at which nobody waits for it any longer, while its script is suspended. */
  deadline: Timer | undefined;
  /** True if it is neither settled nor failed. */
  isAwaited(): boolean;
  settle(parts: readonly Part[]): void;
  fail(reason: Error): void;
}

/** The events of a slot. */
export interface WorkerSlotEvents {
  /** The worker can take a batch. */
  idle(slot: WorkerSlot): void;
  /** The worker is gone. `culprit` is the task at which it was killed, and `jobs` are the undone ones. */
  gone(slot: WorkerSlot, jobs: readonly Job[], culprit: number): void;
}

/** Contexts that a worker keeps. Each has 16 MiB of address space and touches a fiftieth of it. */
const CONTEXTS_MAX = 64;
const WATCH_MS = 5;
// Scripts are outside the JavaScript heap; this limits the messages.
const WORKER_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };

/** One worker thread as the pool sees it, with its watchdog. */
export class WorkerSlot {
  private readonly runtime: Runtime;
  private readonly events: WorkerSlotEvents;
  private readonly worker: Worker;
  private readonly beat = new Int32Array(new SharedArrayBuffer(8));
  private readonly held = new Set<string>();
  private jobs = new Map<number, Job>();
  private watch: Timer | undefined;
  private state: 'starting' | 'idle' | 'busy' | 'gone' = 'starting';
  private killedAt = 0;

  constructor(runtime: Runtime, wasm: WebAssembly.Module, events: WorkerSlotEvents) {
    this.runtime = runtime;
    this.events = events;
    this.worker = startWorker({
      name: 'quickjs.worker',
      beside: import.meta.url,
      workerData: { wasm, beat: this.beat },
      resourceLimits: WORKER_LIMITS,
    });
    this.worker.on('message', (report: Report) => this.receive(report));
    // The worker ran out of its own heap; its exit follows.
    this.worker.on('error', () => undefined);
    this.worker.on('exit', () => this.leave());
  }

  get isIdle(): boolean {
    return this.state === 'idle';
  }

  /** True if it can take a batch now or soon. */
  get isFree(): boolean {
    return this.state === 'idle' || this.state === 'starting';
  }

  /** A step that takes more than `stepMs` of wall clock costs the worker. */
  send(jobs: readonly Job[], stepMs: number): void {
    const tasks = jobs.map((job) => this.taskOf(job));
    const drop: string[] = [];
    for (const sha256 of this.held) {
      if (this.held.size <= CONTEXTS_MAX) break;
      if (jobs.some(({ script }) => script.sha256 === sha256)) continue;
      this.held.delete(sha256);
      drop.push(sha256);
    }
    this.jobs = new Map(jobs.map((job) => [job.at, job]));
    this.state = 'busy';
    this.watchOver(stepMs);
    this.worker.postMessage({ drop, tasks } satisfies Batch);
  }

  async close(): Promise<void> {
    this.watch?.cancel();
    await this.worker.terminate();
  }

  private taskOf({ at, round, script, calls, fresh }: Job): Task {
    const { sha256 } = script;
    if (fresh) return { at, round, sha256, script, calls, fresh };
    // Deleted and added again: the set is in order of last use.
    const isHeld = this.held.delete(sha256);
    this.held.add(sha256);
    return { at, round, sha256, script: isHeld ? undefined : script, calls, fresh };
  }

  private receive({ answers, idle }: Report): void {
    if (this.state === 'gone') return;
    for (const { at, parts } of answers) {
      const job = this.jobs.get(at);
      this.jobs.delete(at);
      job?.settle(parts);
    }
    if (!idle) return;
    this.watch?.cancel();
    this.state = 'idle';
    this.events.idle(this);
  }

  private watchOver(stepMs: number): void {
    const { clock, timers } = this.runtime;
    let seen = -1;
    let tookMs = 0;
    let lookedAtMs = clock.monotonicMs();
    this.watch = timers.every(WATCH_MS, () => {
      const begun = Atomics.load(this.beat, 0);
      const at = Atomics.load(this.beat, 1);
      const nowMs = clock.monotonicMs();
      // A late check means that the machine is busy, so the worker may not have run either.
      tookMs += Math.min(nowMs - lookedAtMs, 2 * WATCH_MS);
      lookedAtMs = nowMs;
      if (begun !== seen || at === 0) {
        seen = begun;
        tookMs = 0;
      } else if (tookMs >= stepMs) {
        this.kill(at);
      }
    });
  }

  // The pool must not wait until the thread has really ended.
  private kill(at: number): void {
    this.killedAt = at;
    void this.worker.terminate();
    this.leave();
  }

  private leave(): void {
    if (this.state === 'gone') return;
    this.state = 'gone';
    this.watch?.cancel();
    const undone = [...this.jobs.values()];
    this.jobs.clear();
    // A worker that died by itself, of its heap, was at this task.
    this.events.gone(this, undone, this.killedAt || Atomics.load(this.beat, 1));
  }
}

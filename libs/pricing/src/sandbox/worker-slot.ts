import { startWorker } from '@aisle/std';
import { decodeReports, encodeTasks } from './wire.ts';
import type { Runtime, Timer } from '@aisle/std';
import type { Worker } from 'node:worker_threads';
import type { Asker } from '../strategy.ts';
import type { Batch, Call, Part, Report, ScriptCode, Task, WorkerSeed } from './messages.ts';

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

/** Scripts that a worker keeps besides those of its batch; each takes about 150 kB. */
const SCRIPTS_MAX = 512;
const WATCH_MS = 5;
// Scripts are outside the JavaScript heap; this limits the messages.
const WORKER_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 };

/** One worker thread as the pool sees it, with its watchdog. */
export class WorkerSlot {
  private readonly runtime: Runtime;
  private readonly events: WorkerSlotEvents;
  private readonly worker: Worker;
  private readonly beat = new Int32Array(new SharedArrayBuffer(8));
  /** The numbers of the scripts that the worker has. */
  private readonly held = new Map<string, number>();
  private nextNumber = 1;
  private kept: ReadonlySet<string> | undefined;
  private jobs = new Map<number, Job>();
  private watch: Timer | undefined;
  private state: 'starting' | 'idle' | 'busy' | 'gone' = 'starting';
  private killedAt = 0;

  constructor(runtime: Runtime, { wasm, seat }: Pick<WorkerSeed, 'wasm' | 'seat'>, events: WorkerSlotEvents) {
    this.runtime = runtime;
    this.events = events;
    this.worker = startWorker({
      name: 'quickjs.worker',
      beside: import.meta.url,
      workerData: { wasm, seat, beat: this.beat } satisfies WorkerSeed,
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
    const scripts: [number, ScriptCode][] = [];
    const sheet = encodeTasks(jobs.map((job) => this.taskOf(job, scripts)));
    const drop = this.dropped(jobs);
    this.jobs = new Map(jobs.map((job) => [job.at, job]));
    this.state = 'busy';
    this.watchOver(stepMs);
    this.worker.postMessage({ drop, scripts, sheet } satisfies Batch);
  }

  /** The next batch drops all scripts except these and its own. */
  keep(hashes: ReadonlySet<string>): void {
    this.kept = hashes;
  }

  async close(): Promise<void> {
    this.watch?.cancel();
    await this.worker.terminate();
  }

  private taskOf({ at, round, script, calls, fresh }: Job, scripts: [number, ScriptCode][]): Task {
    const { sha256 } = script;
    const known = fresh ? undefined : this.held.get(sha256);
    const number = known ?? this.nextNumber;
    if (known === undefined) {
      this.nextNumber += 1;
      scripts.push([number, script]);
    }
    if (fresh) return { at, round, script: number, calls, fresh };
    // Deleted and added again: the map is in order of last use, as far as that matters.
    if (this.held.size > SCRIPTS_MAX) this.held.delete(sha256);
    this.held.set(sha256, number);
    return { at, round, script: number, calls, fresh };
  }

  private dropped(jobs: readonly Job[]): number[] {
    const { held, kept } = this;
    if (held.size <= SCRIPTS_MAX && kept === undefined) return [];
    const needed = new Set(jobs.map(({ script }) => script.sha256));
    const drop: number[] = [];
    for (const [sha256, number] of held) {
      if (needed.has(sha256) || (held.size <= SCRIPTS_MAX && (kept?.has(sha256) ?? true))) continue;
      held.delete(sha256);
      drop.push(number);
    }
    this.kept = undefined;
    return drop;
  }

  private receive({ sheet, idle }: Report): void {
    if (this.state === 'gone') return;
    for (const { at, parts } of decodeReports({ sheet })) {
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

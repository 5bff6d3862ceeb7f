import { SandboxFailure } from './failures.ts';
import { LIMITS } from './limits.ts';
import { encodeList } from './questions.ts';
import { newSeat } from './template-seat.ts';
import { answersIn } from './wire.ts';
import { WorkerSlot } from './worker-slot.ts';
import type { Runtime, Timer } from '@aisle/std';
import type { Asker, Priced, QuestionPlace } from '../strategy.ts';
import type { Call, Part, ScriptCode } from './messages.ts';
import type { Job } from './worker-slot.ts';
import type { ScriptFault } from './script-fault.ts';

/** An encoded input, with its place in the round. */
export interface PoolQuestion {
  readonly text: string;
  readonly netMinor: number;
  readonly place?: QuestionPlace | undefined;
}

export interface PoolAnswers {
  readonly answers: readonly (Priced | ScriptFault)[];
  /** The nets of the answers: in a round, the nets that earlier answers have left. */
  readonly netsMinor: readonly number[];
}

export interface PoolOptions {
  readonly runtime: Runtime;
  /** Threads that answer baskets. Two more stand by: for suspects, and to replace lost threads. */
  readonly workers: number;
  /** A version did not end in its second trial, and its callers went on without it. */
  endless(sha256: string): void;
}

/** The bound on waiting calls. Above it callers are refused. */
const QUEUED_CALLS_MAX = 100_000;
/** Calls in one task. They take a few milliseconds at most, so the watchdog never misjudges a batch. */
const TASK_CALLS_MAX = 256;
/** The minimum of a batch, because waking a thread costs more than some calls. */
const BATCH_CALLS_MIN = 32;
const BATCH_CALLS_MAX = 1_024;
const RESTART_MS = 100;
const STANDBYS = 2;
const RETRY_AFTER_MS = 500;

/**
 * The worker threads for scripts. Questions that are asked together leave as one batch per worker. Questions that come
 * while all workers are busy form the next batch. Other workers stand by. A step that does not end costs its worker: a
 * standby worker takes over the other work at once, and the script is tried once more on another worker, where it
 * delays nobody. Only after that it is blamed. Until it answers there it is suspended: its other questions go there
 * too, and callers wait for it only for a short time.
 */
export class Pool {
  private readonly options: PoolOptions;
  private readonly wasm: WebAssembly.Module;
  private readonly seat = newSeat();
  private readonly serving = new Set<WorkerSlot>();
  private readonly standbys = new Set<WorkerSlot>();
  private queue: Job[] = [];
  private suspectQueue: Job[] = [];
  private readonly suspects = new Set<string>();
  /** The times at which patient askers go on without suspended scripts. */
  private readonly patientUntilMs = new WeakMap<Asker, number>();
  private queuedCalls = 0;
  private nextAt = 1;
  private flushes = false;
  private closed = false;

  private constructor(options: PoolOptions, wasm: WebAssembly.Module) {
    this.options = options;
    this.wasm = wasm;
  }

  static start(options: PoolOptions, wasm: WebAssembly.Module): Pool {
    const pool = new Pool(options, wasm);
    for (let count = 0; count < options.workers; count += 1) pool.serve();
    for (let count = 0; count < STANDBYS; count += 1) pool.standBy();
    return pool;
  }

  /** One answer for each question; those of one round are in sequence. Throws `sandbox.busy` and `sandbox.closed`. */
  async ask(
    script: ScriptCode, ctx: string, questions: readonly PoolQuestion[], asker?: Asker,
  ): Promise<PoolAnswers> {
    const size = this.taskSize(script, questions.length);
    if (questions.length <= size) return this.askTogether(script, ctx, questions, asker);
    const asked: Promise<PoolAnswers>[] = [];
    for (let from = 0; from < questions.length; from += size) {
      asked.push(this.askTogether(script, ctx, questions.slice(from, from + size), asker));
    }
    const tasks = await Promise.all(asked);
    return {
      answers: tasks.flatMap(({ answers }) => answers),
      netsMinor: tasks.flatMap(({ netsMinor }) => netsMinor),
    };
  }

  /** Workers drop all scripts except these. Dropped scripts can still be asked. */
  keep(hashes: ReadonlySet<string>): void {
    for (const slot of [...this.serving, ...this.standbys]) slot.keep(hashes);
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const job of [...this.queue, ...this.suspectQueue]) job.fail(SandboxFailure.closed());
    this.queue = [];
    this.suspectQueue = [];
    const slots = [...this.serving, ...this.standbys];
    await Promise.all(slots.map((slot) => slot.close()));
  }

  private taskSize({ kind }: ScriptCode, count: number): number {
    // A whole basket is enough work for one task.
    if (kind === 'basket') return 1;
    const share = Math.ceil(count / this.options.workers);
    return Math.min(TASK_CALLS_MAX, Math.max(BATCH_CALLS_MIN, share));
  }

  private async askTogether(
    script: ScriptCode, ctx: string, questions: readonly PoolQuestion[], asker: Asker | undefined,
  ): Promise<PoolAnswers> {
    const round = questions[0]?.place?.round ?? 0;
    const call: Call = {
      ctx,
      inputs: encodeList(script.kind, questions.map(({ text }) => text)),
      netsMinor: questions.map(({ netMinor }) => netMinor),
      targets: round === 0 ? undefined : questions.map(({ place }) => place?.target ?? -1),
    };
    const isAhead = questions.every(({ place }) => place?.isAhead);
    const parts = await this.enqueue(script, call, { round, isAhead, asker });
    const [first] = parts;
    // Mostly there is one part, and flattening a list costs more than reading it.
    const answers = first && parts.length === 1 ? answersIn(first) : parts.flatMap(answersIn);
    return { answers, netsMinor: netsOf(parts) ?? call.netsMinor };
  }

  private enqueue(
    script: ScriptCode, call: Call, asked: Pick<Job, 'round' | 'isAhead' | 'asker'>,
  ): Promise<readonly Part[]> {
    if (this.closed) return Promise.reject(SandboxFailure.closed());
    const count = call.netsMinor.length;
    if (this.queuedCalls + count > QUEUED_CALLS_MAX) {
      return Promise.reject(SandboxFailure.busy({ queuedCallsMax: QUEUED_CALLS_MAX, retryAfterMs: RETRY_AFTER_MS }));
    }
    this.queuedCalls += count;
    const job = new QueuedJob(this.nextAt, script, call, asked, () => { this.queuedCalls -= count; });
    this.nextAt = this.nextAt % 0x7fff_ffff + 1;
    this.route(job);
    this.flushSoon();
    return job.answered;
  }

  private route(job: Job): void {
    if (this.suspects.has(job.script.sha256)) this.setApart(job);
    else this.queue.push(job);
  }

  private setApart(job: Job): void {
    this.suspectQueue.push(job);
    const goOn = (): void => {
      // A job that did not end gets its second trial even if nobody waits for the answer. Each suspect keeps one
      // question, too.
      const others = this.suspectQueue.filter((other) => other !== job);
      if (job.kills === 0 && others.some(({ script }) => script.sha256 === job.script.sha256)) this.suspectQueue = others;
      job.settle([{ count: job.count, fault: 'suspended', text: '' }]);
    };
    if (job.isAhead) goOn();
    else job.deadline = this.options.runtime.timers.after(this.leftMs(job.asker), goOn);
  }

  /** A patient asker waits once for all suspended scripts, not for one after another. */
  private leftMs(asker: Asker | undefined): number {
    if (asker?.patience !== 'checkout') return LIMITS.suspendedMs;
    const nowMs = this.options.runtime.clock.monotonicMs();
    const untilMs = this.patientUntilMs.get(asker) ?? nowMs + LIMITS.patientMs;
    this.patientUntilMs.set(asker, untilMs);
    return Math.max(LIMITS.suspendedMs, untilMs - nowMs);
  }

  // Flushes once all simultaneous questions are here. Later ones wait for the next idle worker.
  private flushSoon(): void {
    if (this.flushes) return;
    this.flushes = true;
    void Promise.resolve().then(() => {
      this.flushes = false;
      this.flush();
    });
  }

  private flush(): void {
    const idle = [...this.serving].filter(({ isIdle }) => isIdle);
    let calls = this.queue.reduce((sum, { count }) => sum + count, 0);
    idle.forEach((slot, index) => {
      const fair = Math.max(BATCH_CALLS_MIN, Math.ceil(calls / (idle.length - index)));
      const share = Math.min(BATCH_CALLS_MAX, fair);
      const batch: Job[] = [];
      let taken = 0;
      for (let job = this.queue[0]; job && (taken < share || follows(job, batch.at(-1))); job = this.queue[0]) {
        this.queue.shift();
        batch.push(job);
        taken += job.count;
        calls -= job.count;
      }
      if (batch.length > 0) slot.send(batch, LIMITS.stepMs);
    });
    for (const slot of this.standbys) {
      const suspect = slot.isIdle ? this.nextSuspect() : undefined;
      if (suspect) slot.send([this.onTrial(suspect)], LIMITS.secondStepMs);
    }
  }

  /** Awaited jobs go first, then jobs that were not killed: with many suspects, the innocent ones are cleared soon. */
  private nextSuspect(): Job | undefined {
    const rank = (job: Job): number => (job.isAwaited() ? 0 : 2) + job.kills;
    const [first] = [...this.suspectQueue].sort((a, b) => rank(a) - rank(b));
    this.suspectQueue = this.suspectQueue.filter((job) => job !== first);
    return first;
  }

  /** Runs a suspect script's job in isolation. If the script answers, it is no longer suspect. */
  private onTrial(job: Job): Job {
    const { at, round, script, calls, count, fresh, isAhead, asker, kills, deadline } = job;
    const { sha256 } = script;
    return {
      at, round, script, calls, count, fresh, isAhead, asker, kills, deadline,
      isAwaited: () => job.isAwaited(),
      fail: (reason) => job.fail(reason),
      settle: (parts) => {
        if (!parts.some((part) => isFault(part) && part.fault === 'killed')) this.clear(sha256);
        else if (!job.isAwaited()) this.options.endless(sha256);
        job.settle(parts);
      },
    };
  }

  private clear(sha256: string): void {
    if (!this.suspects.delete(sha256)) return;
    const freed = this.suspectQueue.filter((job) => job.script.sha256 === sha256 && job.kills === 0);
    this.suspectQueue = this.suspectQueue.filter((job) => !freed.includes(job));
    for (const job of freed) job.deadline?.cancel();
    this.queue.push(...freed);
    this.flushSoon();
  }

  private serve(): void {
    this.serving.add(this.newSlot());
  }

  private standBy(): void {
    this.standbys.add(this.newSlot());
  }

  private newSlot(): WorkerSlot {
    return new WorkerSlot(this.options.runtime, { wasm: this.wasm, seat: this.seat }, {
      idle: () => this.flush(),
      gone: (slot, jobs, culprit) => {
        const isServing = this.serving.delete(slot);
        if (this.closed) return this.failAll(jobs);
        if (isServing) this.goOnWithout(jobs, culprit);
        else this.standInFor(slot, jobs, culprit);
      },
    });
  }

  // A standby worker takes over, so that the others need not wait for a thread to start.
  private goOnWithout(jobs: readonly Job[], culprit: number): void {
    const substitute = [...this.standbys].find(({ isFree }) => isFree);
    if (substitute) {
      this.standbys.delete(substitute);
      this.serving.add(substitute);
      this.replace(culprit, () => this.standBy());
    } else {
      this.replace(culprit, () => this.serve());
    }
    const guilty = jobs.filter(({ at }) => at === culprit);
    for (const job of guilty) {
      job.kills += 1;
      this.suspects.add(job.script.sha256);
    }
    // Harmless work goes first: its answer clears the script.
    const waiting = [...jobs.filter(({ at }) => at !== culprit), ...this.queue, ...guilty];
    this.queue = [];
    for (const job of waiting) this.route(job);
    this.flush();
  }

  private standInFor(slot: WorkerSlot, jobs: readonly Job[], culprit: number): void {
    this.standbys.delete(slot);
    this.replace(culprit, () => this.standBy());
    // It had the time of a second trial, in isolation.
    for (const job of jobs) job.settle([{ count: job.count, fault: 'killed', text: '' }]);
  }

  /** Starts at once after a kill. A worker that failed to start waits a little. */
  private replace(culprit: number, start: () => void): void {
    if (culprit !== 0) return start();
    this.options.runtime.timers.after(RESTART_MS, () => this.closed || start());
  }

  private failAll(jobs: readonly Job[]): void {
    for (const job of jobs) job.fail(SandboxFailure.closed());
  }
}

/** A job of one call. Written out field by field: most of asking a small script was making an object for it. */
class QueuedJob implements Job {
  readonly at: number;
  readonly round: number;
  readonly isAhead: boolean;
  readonly asker: Asker | undefined;
  readonly script: ScriptCode;
  readonly calls: readonly Call[];
  readonly count: number;
  readonly fresh = false;
  readonly answered: Promise<readonly Part[]>;
  kills = 0;
  deadline: Timer | undefined = undefined;
  private resolve!: (parts: readonly Part[]) => void;
  private reject!: (reason: Error) => void;
  private onClosed: (() => void) | undefined;

  constructor(
    at: number, script: ScriptCode, call: Call, { round, isAhead, asker }: Pick<Job, 'round' | 'isAhead' | 'asker'>, onClosed: () => void,
  ) {
    this.at = at;
    this.round = round;
    this.isAhead = isAhead;
    this.asker = asker;
    this.script = script;
    this.calls = [call];
    this.count = call.netsMinor.length;
    this.onClosed = onClosed;
    this.answered = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  isAwaited(): boolean {
    return this.onClosed !== undefined;
  }

  settle(parts: readonly Part[]): void {
    this.close();
    this.resolve(parts);
  }

  fail(reason: Error): void {
    this.close();
    this.reject(reason);
  }

  private close(): void {
    this.onClosed?.();
    this.onClosed = undefined;
  }
}

/**
 * Returns undefined if the nets are unchanged, because the question is in no round or its script was killed in
 * isolation.
 */
function netsOf(parts: readonly Part[]): readonly number[] | undefined {
  const [first] = parts;
  if (parts.length === 1) return first?.netsMinor;
  const nets = parts.map(({ netsMinor }) => netsMinor);
  return nets.includes(undefined) ? undefined : nets.flatMap((each) => each as readonly number[]);
}

function isFault(part: Part): part is Extract<Part, { fault: unknown }> {
  return 'fault' in part;
}

function follows({ round }: Job, before: Job | undefined): boolean {
  return round !== 0 && round === before?.round;
}

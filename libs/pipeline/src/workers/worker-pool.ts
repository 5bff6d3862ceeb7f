import { checkNumber, checkOptions, checkText, startWorker, type WorkerPlan } from '@aisle/std';
import { genServer, noReply, ok, type ChildSpec } from '@aisle/supervision';
import { WorkerThread } from './worker-thread.ts';

/** The file of the threads, the module beside it, and the number of threads. */
export interface WorkerPoolOptions extends Pick<WorkerPlan, 'name' | 'beside'> {
  /** Threads; use the number of processor cores that are free for them. */
  readonly size: number;
  /** Passed to `serve` in the threads. */
  readonly workerData?: unknown;
  /** The heap limit of a thread, which ends when it needs more. 256 MiB by default. */
  readonly memoryMaxMib?: number;
  /** The pool's id in its supervisor; `workers` by default. */
  readonly id?: string;
}

const MEMORY_MAX_MIB = 256;

/**
 * Threads for CPU-bound work; their file calls `serve`. A thread that ends is replaced, and its callers get WorkerLost:
 * a stage crashes with it, and its events come again. Two stages per thread keep it busy, because the next batch is
 * there when one is done. That next batch fails with the thread as well, so allow an event a few more attempts before
 * it is given up.
 */
export class WorkerPool<I, O> {
  private threads: WorkerThread[] = [];
  private isOpen = false;

  constructor(private readonly options: WorkerPoolOptions) {
    const { size, memoryMaxMib, id } = checkOptions('the options', options);
    checkNumber('size', size, { min: 1 });
    if (memoryMaxMib !== undefined) checkNumber('memoryMaxMib', memoryMaxMib, { min: 1, isWhole: false });
    if (id !== undefined) checkText('id', id);
  }

  /** The process that owns the threads. It must precede the stages that use them. */
  childSpec(): ChildSpec {
    return server.childSpec(this as WorkerPool<never, unknown>, { id: this.options.id ?? 'workers' });
  }

  /** Gives a batch to the least loaded thread. */
  async run(events: readonly I[]): Promise<O> {
    const [first, ...others] = this.threads;
    if (first === undefined) throw new TypeError('the worker pool has not started; start its childSpec before the stages that use it');
    const thread = others.reduce((least, other) => (other.load < least.load ? other : least), first);
    return (await thread.run(events)) as O;
  }

  /** @internal */
  open(): void {
    this.isOpen = true;
    this.threads = Array.from({ length: this.options.size }, () => this.start());
  }

  /** @internal */
  async close(): Promise<void> {
    this.isOpen = false;
    await Promise.all(this.threads.splice(0).map((thread) => thread.end()));
  }

  private start(): WorkerThread {
    const { name, beside, workerData, memoryMaxMib = MEMORY_MAX_MIB } = this.options;
    const resourceLimits = { maxOldGenerationSizeMb: memoryMaxMib };
    return new WorkerThread(startWorker({ name, beside, workerData, resourceLimits }), (ended) => {
      const at = this.threads.indexOf(ended);
      if (this.isOpen && at >= 0) this.threads[at] = this.start();
    });
  }
}

const server = genServer<Record<never, never>, WorkerPool<never, unknown>, WorkerPool<never, unknown>>({
  name: 'WorkerPool',
  trapExit: true,
  init: (pool, ctx) => {
    pool.open();
    // A killed pool leaves no thread behind, either.
    ctx.self.watch({ onDown: () => void pool.close() });
    return ok(pool);
  },
  handleInfo: (pool) => noReply(pool),
  terminate: (_reason, pool) => pool.close(),
});

import { checkNumber, checkOptions, checkText, startWorker, type WorkerPlan } from '@aisle/std';
import { genServer, noReply, ok, type ChildSpec } from '@aisle/supervision';
import { WorkerThread } from './worker-thread.ts';

/** Which file the threads run, beside which module, and how many there are. */
export interface WorkerPoolOptions extends Pick<WorkerPlan, 'name' | 'beside'> {
  /** Threads; as many as there are processor cores for them. */
  readonly size: number;
  /** What `serve` in the threads is told. */
  readonly workerData?: unknown;
  /** The heap of a thread; it ends when it needs more. 256 MiB by default. */
  readonly memoryMaxMib?: number;
  /** The pool's id in its supervisor; `workers` by default. */
  readonly id?: string;
}

const MEMORY_MAX_MIB = 256;

/**
 * Threads for work that keeps a processor busy; their file calls `serve`. A thread that ends is replaced, and
 * who waited for it gets WorkerLost: a stage crashes by it, and its events come again. Two stages for a
 * thread keep it busy: the next batch is there when one is done. It ends with the first, all the same, so
 * give an event some more tries than that before it's given up.
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

  /** The process that has the threads; it stands before the stages that use them. */
  childSpec(): ChildSpec {
    return server.childSpec(this as WorkerPool<never, unknown>, { id: this.options.id ?? 'workers' });
  }

  /** Has a batch dealt with by the thread that has least to do. */
  async run(events: readonly I[]): Promise<O> {
    const [first, ...others] = this.threads;
    if (first === undefined) throw new TypeError('the pool of workers is not started');
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
    // Killed, too, it leaves no thread behind.
    ctx.self.watch({ onDown: () => void pool.close() });
    return ok(pool);
  },
  handleInfo: (pool) => noReply(pool),
  terminate: (_reason, pool) => pool.close(),
});

import type { Worker } from 'node:worker_threads';
import type { WorkerReply, Job } from './messages.ts';

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** The thread of a batch has ended, perhaps because of this batch. */
export class WorkerLost extends Error {
  override readonly name = 'WorkerLost';

  constructor(cause: unknown) {
    super('the worker thread ended while it handled a batch', { cause });
  }
}

/** One thread, as its pool sees it. */
export class WorkerThread {
  isAlive = true;
  private readonly jobs = new Map<number, Waiting>();
  private lastId = 0;
  private cause: unknown = undefined;

  constructor(
    private readonly worker: Worker,
    onEnd: (thread: WorkerThread) => void,
  ) {
    worker.on('message', (answer: WorkerReply) => this.receive(answer));
    // Its exit follows.
    worker.on('error', (error) => (this.cause = error));
    worker.on('exit', () => {
      this.isAlive = false;
      for (const { reject } of this.jobs.values()) reject(new WorkerLost(this.cause));
      this.jobs.clear();
      onEnd(this);
    });
  }

  /** Unanswered batches. */
  get load(): number {
    return this.jobs.size;
  }

  run(events: readonly unknown[]): Promise<unknown> {
    const id = (this.lastId += 1);
    return new Promise((resolve, reject) => {
      this.worker.postMessage({ id, events } satisfies Job);
      this.jobs.set(id, { resolve, reject });
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private receive(answer: WorkerReply): void {
    const job = this.jobs.get(answer.id);
    this.jobs.delete(answer.id);
    if ('error' in answer) job?.reject(answer.error);
    else job?.resolve(answer.result);
  }
}

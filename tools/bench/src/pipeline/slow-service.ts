import { startWorker } from '@aisle/std';

/**
 * An external service behind one connection, which answers each request after 1 ms, at any load. It has a thread of its
 * own, since the timers of an event loop have whole milliseconds only: work of the loop between two of them would be
 * added to every wait.
 */
export class SlowService {
  /** The number of requests so far. */
  private readonly asked = new Int32Array(new SharedArrayBuffer(4));
  private readonly waiting: (() => void)[] = [];
  private answered = 0;
  private readonly worker = startWorker({
    name: 'slow-service.worker', beside: import.meta.url, workerData: this.asked, resourceLimits: {},
  });

  constructor() {
    this.worker.on('message', (upTo: number) => {
      for (const answer of this.waiting.splice(0, upTo - this.answered)) answer();
      this.answered = upTo;
    });
  }

  readonly request = (): Promise<void> => new Promise((resolve) => {
    this.waiting.push(resolve);
    Atomics.add(this.asked, 0, 1);
    Atomics.notify(this.asked, 0);
  });

  async close(): Promise<void> {
    await this.worker.terminate();
  }
}

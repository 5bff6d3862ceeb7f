import { startWorker } from '@aisle/std';

/**
 * Something outside, behind one connection: it answers each request 1 ms after that was asked, however many there are. A
 * thread of its own, since the timers of an event loop know whole milliseconds only: whatever a loop does between
 * two of them would be added to everybody's wait.
 */
export class SlowService {
  /** How many requests there have been. */
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

// The worker's side: what a worker's own file calls, once.
import { parentPort, workerData } from 'node:worker_threads';
import type { MaybePromise } from '@aisle/supervision';
import type { WorkerReply, Job } from './messages.ts';

/**
 * Answers the batches that a `WorkerPool` sends to this thread, one after the other. What the function gets and
 * returns is copied between threads; it's told what the pool gave as `workerData`. What it throws is
 * thrown by `run` there.
 */
export function serve<I, O>(handle: (events: readonly I[], data: unknown) => MaybePromise<O>): void {
  const port = parentPort;
  if (port === null) throw new TypeError('serve is for worker threads');
  let last: Promise<void> = Promise.resolve();
  port.on('message', ({ id, events }: Job) => {
    last = last.then(async () => {
      try {
        port.postMessage({ id, result: await handle(events as readonly I[], workerData) } satisfies WorkerReply);
      } catch (error) {
        port.postMessage({ id, error } satisfies WorkerReply);
      }
    });
  });
}

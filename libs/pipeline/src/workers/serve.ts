// The worker's side: a worker's own file calls it once.
import { parentPort, workerData } from 'node:worker_threads';
import type { MaybePromise } from '@aisle/supervision';
import type { WorkerReply, Job } from './messages.ts';

/**
 * Answers the batches that a `WorkerPool` sends to this thread, one after another. Arguments and results are copied
 * between threads. The second argument is the pool's `workerData`. An error is thrown by `run` on the other side.
 */
export function serve<I, O>(handle: (events: readonly I[], data: unknown) => MaybePromise<O>): void {
  const port = parentPort;
  if (port === null) throw new TypeError('serve must be called in a worker thread');
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

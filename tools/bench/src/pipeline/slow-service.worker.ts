// The thread of a `SlowService`: answers each request 1 ms after it was sent.
import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';

const ANSWER_MS = 1;

/** The same as `SlowService.asked`. */
const asked = workerData as Int32Array;
const due: { readonly upTo: number; readonly atMs: number }[] = [];
let seen = 0;
for (;;) {
  const count = Atomics.load(asked, 0);
  const nowMs = performance.now();
  if (count > seen) due.push({ upTo: count, atMs: nowMs + ANSWER_MS });
  seen = count;
  let answered = 0;
  while (due[0] && due[0].atMs <= nowMs) answered = due.shift()!.upTo;
  if (answered > 0) parentPort?.postMessage(answered);
  // Until the next request or the next answer's time, in fractions of a millisecond.
  Atomics.wait(asked, 0, seen, due[0] ? due[0].atMs - performance.now() : Infinity);
}

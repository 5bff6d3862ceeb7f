// The thread that watches the event loop of the main thread, and ends a process whose loop hangs.
import { write } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { systemRuntime } from '@aisle/std';
import { mainThreadWaitedMs, pauseMainThread } from './main-thread.ts';
import { Stillness } from './stillness.ts';
import type { Watched } from './watchdog.ts';

/** How long the main thread may take to say where it is. */
const STACK_WITHIN_MS = 10_000;
/** How long the log line may take: the reader of a pipe may hang as well, and be what the main thread waits for. */
const WRITE_WITHIN_MS = 1_000;

const { beats, lookMs, boundMs, fields } = workerData as Watched;
const { clock, timers } = systemRuntime;
const stillness = new Stillness(lookMs);

const looking = timers.every(lookMs, () => {
  const stillMs = stillness.look(Atomics.load(beats, 0), mainThreadWaitedMs());
  if (stillMs < boundMs) return;
  looking.cancel();
  timers.after(STACK_WITHIN_MS, () => tellAndEnd(stillMs, []));
  pauseMainThread((stack) => tellAndEnd(stillMs, stack));
});
let isTold = false;

function tellAndEnd(stillMs: number, stack: readonly string[]): void {
  if (isTold) return;
  isTold = true;
  const time = new Date(clock.nowMs()).toISOString();
  const line = { level: 'error', time, ...fields, stillMs: Math.round(stillMs), boundMs, stack, message: 'event loop hung' };
  timers.after(WRITE_WITHIN_MS, end);
  // The logger lives in the main thread, and so does the stream behind this thread's console.
  write(1, `${JSON.stringify(line)}\n`, end);
}

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

// The thread that watches the event loop of the main thread, and ends a process whose loop hangs.
import { write } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { systemRuntime } from '@aisle/std';
import { mainThreadWaitedMs, pauseMainThread } from './main-thread.ts';
import { Stillness } from './stillness.ts';
import type { WatchdogData } from './watchdog.ts';

/** The time that the main thread has to give its stack. */
const STACK_WITHIN_MS = 10_000;
/** The time that the log line may take. The reader of the log's pipe may hang, too: the main thread may be waiting for it. */
const WRITE_WITHIN_MS = 1_000;

const { beats, lookMs, boundMs, fields } = workerData as WatchdogData;
const { clock, timers } = systemRuntime;
const stillness = new Stillness(lookMs);

const looking = timers.every(lookMs, () => {
  const stillMs = stillness.look(Atomics.load(beats, 0), mainThreadWaitedMs());
  if (stillMs < boundMs) return;
  looking.cancel();
  timers.after(STACK_WITHIN_MS, () => reportAndEnd(stillMs, []));
  pauseMainThread((stack) => reportAndEnd(stillMs, stack));
});
let isReported = false;

function reportAndEnd(stillMs: number, stack: readonly string[]): void {
  if (isReported) return;
  isReported = true;
  const time = new Date(clock.nowMs()).toISOString();
  const line = { level: 'error', time, ...fields, stillMs: Math.round(stillMs), boundMs, stack, message: 'event loop hung' };
  timers.after(WRITE_WITHIN_MS, end);
  // The logger belongs to the main thread, and so does the stream behind this thread's console.
  write(1, `${JSON.stringify(line)}\n`, end);
}

function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

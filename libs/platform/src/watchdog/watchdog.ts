import { url as debuggerUrl } from 'node:inspector';
import { startWorker, type Runtime } from '@aisle/std';
import type { Logger } from '../telemetry/logger.ts';

/** What the watching thread is told. */
export interface Watched {
  /** The main thread counts here, once per turn of a timer. */
  readonly beats: Int32Array;
  readonly lookMs: number;
  readonly boundMs: number;
  /** Fields of the log line that name the process. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Looks of the watching thread without progress until the loop counts as hung. */
const LOOKS = 20;

/**
 * Ends the process by SIGKILL once its event loop has hung for `boundMs`, after a log line that says where it hangs:
 * its supervisor starts it again. A hang is no crash, and nothing in the hung thread can notice it. 0 watches nothing, and
 * neither does a process that starts under a debugger, whose breakpoints are hangs as well.
 */
export function startWatchdog(
  boundMs: number,
  { fields, runtime, logger }: { fields: Watched['fields']; runtime: Runtime; logger: Logger },
): void {
  if (boundMs === 0 || debuggerUrl() !== undefined) return;
  // The kernel drops a SIGKILL that a process without an init above it sends to itself.
  if (process.pid === 1) logger.warn('watchdog cannot end process 1: start the app under an init, such as tini');
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const lookMs = boundMs / LOOKS;
  const workerData = { beats, lookMs, boundMs, fields } satisfies Watched;
  const worker = startWorker({ name: 'watchdog.worker', beside: import.meta.url, workerData, resourceLimits: {} });
  worker.unref();
  runtime.timers.every(lookMs, () => void Atomics.add(beats, 0, 1), { background: true });
}

import { url as debuggerUrl } from 'node:inspector';
import { startWorker, type Runtime } from '@aisle/std';
import type { Logger } from '../telemetry/logger.ts';

/** The data that the watching thread starts with. */
export interface WatchdogData {
  /** The main thread increments it by a timer, once per look. */
  readonly beats: Int32Array;
  readonly lookMs: number;
  readonly boundMs: number;
  /** Fields of the log line that name the process. */
  readonly fields: Readonly<Record<string, string>>;
}

/** The number of looks without progress after which the loop counts as hung. */
const LOOKS = 20;

/**
 * Ends the process by SIGKILL once its event loop has hung for `boundMs`, after a log line with the stack of the hang. The
 * process's supervisor restarts it. A second thread watches, because nothing in the hung thread can notice a hang.
 *
 * It watches nothing if `boundMs` is 0, or under a debugger, whose breakpoints look like hangs.
 */
export function startWatchdog(
  boundMs: number,
  { fields, runtime, logger }: { fields: WatchdogData['fields']; runtime: Runtime; logger: Logger },
): void {
  if (boundMs === 0 || debuggerUrl() !== undefined) return;
  // The kernel drops a SIGKILL that a process without an init above it sends to itself.
  if (process.pid === 1) logger.warn('watchdog cannot end process 1: start the app under an init, such as tini');
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const lookMs = boundMs / LOOKS;
  const workerData = { beats, lookMs, boundMs, fields } satisfies WatchdogData;
  const worker = startWorker({ name: 'watchdog.worker', beside: import.meta.url, workerData, resourceLimits: {} });
  worker.unref();
  runtime.timers.every(lookMs, () => void Atomics.add(beats, 0, 1), { background: true });
}

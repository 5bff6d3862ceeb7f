import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

// One Ctrl-C arrives twice: from the terminal, and passed on by npm.
const SAME_SIGNAL_MS = 500;

/** Aborts at the end of the time, or at the first signal. A second signal ends the process. */
export function stopAfter(durationMs: number): AbortSignal {
  const stop = new AbortController();
  // Every pausing shopper listens.
  setMaxListeners(0, stop.signal);
  let firstMs: number | undefined;
  const handle = (): void => {
    if (firstMs !== undefined && Date.now() - firstMs > SAME_SIGNAL_MS) process.exit(130);
    firstMs ??= Date.now();
    stop.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, handle);
  if (Number.isFinite(durationMs)) void sleep(durationMs).then(() => stop.abort());
  return stop.signal;
}

import { systemRuntime } from '../runtime.ts';
import { sleep } from '../sleep.ts';

/** A bound on hangs: a busy machine has all the time that it needs. */
const WITHIN_MS = 300_000;

/**
 * Waits for a condition instead of a time: runs `check` until it neither throws nor returns false. Throws its last error
 * after five minutes.
 */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  const untilMs = systemRuntime.clock.monotonicMs() + WITHIN_MS;
  for (;;) {
    try {
      const result = await check();
      if (result !== false) return result;
      throw new Error('the condition stayed false');
    } catch (error) {
      if (systemRuntime.clock.monotonicMs() > untilMs) throw error;
    }
    await sleep(systemRuntime, 10);
  }
}

import { systemRuntime } from '../runtime.ts';
import { sleep } from '../sleep.ts';

/**
 * Waits on a condition instead of a fixed time. Runs `check` until it neither throws nor returns false. After
 * `withinMs` it rethrows the last error.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  withinMs = 30_000,
): Promise<T> {
  const untilMs = systemRuntime.clock.monotonicMs() + withinMs;
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

import { systemRuntime } from '../runtime.ts';
import { sleep } from '../sleep.ts';

/**
 * Waits on a condition instead of on a time: runs `check` until it stops throwing (and does not
 * return false), and rethrows its last error when `withinMs` have passed.
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

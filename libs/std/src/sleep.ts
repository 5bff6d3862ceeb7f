import type { Runtime } from './runtime.ts';

/** Resolves after `delayMs` on the given runtime's clock. */
export function sleep(runtime: Pick<Runtime, 'timers'>, delayMs: number): Promise<void> {
  return new Promise((resolve) => void runtime.timers.after(delayMs, resolve));
}

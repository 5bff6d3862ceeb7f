import type { Runtime, Timer } from '@aisle/std';

/** Lets one loop wait for a signal. A signal that comes while it does not wait is kept. */
export class Wake {
  private isSignalled = false;
  private end: (() => void) | undefined;

  constructor(private readonly runtime: Pick<Runtime, 'timers'>) {}

  signal(): void {
    this.isSignalled = true;
    this.end?.();
  }

  /**
   * Resolves at the next signal, at once if one came since the last wait, and after `delayMs` in any case. Returns whether a
   * signal came.
   */
  async wait(delayMs: number): Promise<boolean> {
    if (!this.isSignalled) {
      let timer: Timer | undefined;
      await new Promise<void>((resolve) => {
        this.end = resolve;
        timer = this.runtime.timers.after(Math.max(0, delayMs), resolve);
      });
      timer?.cancel();
      this.end = undefined;
    }
    const { isSignalled } = this;
    this.isSignalled = false;
    return isSignalled;
  }
}

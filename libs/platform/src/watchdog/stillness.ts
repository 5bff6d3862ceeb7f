/** The largest share of a look that waiting for a core may deduct. A hang is found in the end, even on a busy machine. */
const WAITING_SHARE_MAX = 0.75;

/**
 * Measures how long a thread has made no progress. Another thread looks at it at intervals of `lookMs`.
 *
 * A look counts for its nominal time, however late it comes. So a stopped process or a sleeping machine adds one look and not the
 * whole pause. Time in which the watched thread waited for a core counts for little, because a busy machine is not a hang.
 */
export class Stillness {
  private beats = -1;
  private waitedMs = 0;
  private stillMs = 0;

  constructor(private readonly lookMs: number) {}

  /**
   * Returns the milliseconds without progress. `beats` changes with every progress; `waitedMs` is the thread's total time of
   * waiting for a core.
   */
  look(beats: number, waitedMs: number): number {
    const waited = Math.max(0, Math.min(waitedMs - this.waitedMs, this.lookMs * WAITING_SHARE_MAX));
    this.waitedMs = waitedMs;
    this.stillMs = beats === this.beats ? this.stillMs + this.lookMs - waited : 0;
    this.beats = beats;
    return this.stillMs;
  }
}

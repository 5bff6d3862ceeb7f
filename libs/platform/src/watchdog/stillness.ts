/** The share of a look that waiting for a core may take off, so that a hang is found in the end on any machine. */
const WAITING_SHARE_MAX = 0.75;

/**
 * How long a thread has made no progress, by the looks of another thread. A look counts for its nominal time, however
 * late it comes: a process that was stopped, or a machine that slept, adds one look and not the pause. Time in which
 * the watched thread waited for a core counts for little, since a busy machine is no hang.
 */
export class Stillness {
  private beats = -1;
  private waitedMs = 0;
  private stillMs = 0;

  constructor(private readonly lookMs: number) {}

  /** `beats` changes with progress; `waitedMs` is how long the thread has waited for a core since it began. */
  look(beats: number, waitedMs: number): number {
    const waited = Math.max(0, Math.min(waitedMs - this.waitedMs, this.lookMs * WAITING_SHARE_MAX));
    this.waitedMs = waitedMs;
    this.stillMs = beats === this.beats ? this.stillMs + this.lookMs - waited : 0;
    this.beats = beats;
    return this.stillMs;
  }
}

import type { Runtime } from '@aisle/std';

/** How long work may hold up the event loop at a time. */
const SLICE_MS = 25;

/** Long work in slices: between two of them the event loop goes on. On virtual time all of it is one slice. */
export class Slices {
  private beganAtMs: number;

  constructor(private readonly runtime: Pick<Runtime, 'clock' | 'defer'>) {
    this.beganAtMs = runtime.clock.monotonicMs();
  }

  get isOver(): boolean {
    return this.runtime.clock.monotonicMs() - this.beganAtMs > SLICE_MS;
  }

  /** Resolves in a later turn of the event loop. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => this.runtime.defer(resolve));
    this.beganAtMs = this.runtime.clock.monotonicMs();
  }
}

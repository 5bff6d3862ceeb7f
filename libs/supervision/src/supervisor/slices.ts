import type { Runtime } from '@aisle/std';

/** The longest time that work may hold up the event loop. */
const SLICE_MS = 25;

/** Runs long work in slices, between which the event loop goes on. On virtual time all of it is one slice. */
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

import type { Runtime } from './runtime.ts';
import { sleep } from './sleep.ts';

const SLICE_MS = 1;
const REST_MS = 4;

/**
 * Splits long work on a busy thread into slices of 1 ms with pauses of 4 ms between them. Other work of the thread
 * waits for one slice at most.
 */
export class Pace {
  private sliceEndsMs: number;

  constructor(private readonly runtime: Pick<Runtime, 'clock' | 'timers'>) {
    this.sliceEndsMs = runtime.clock.monotonicMs() + SLICE_MS;
  }

  /** True when the slice is used up. */
  get isOver(): boolean {
    return this.runtime.clock.monotonicMs() >= this.sliceEndsMs;
  }

  /** Resolves in a later turn of the event loop, when the next slice may begin. */
  async rest(): Promise<void> {
    await sleep(this.runtime, REST_MS);
    this.sliceEndsMs = this.runtime.clock.monotonicMs() + SLICE_MS;
  }
}

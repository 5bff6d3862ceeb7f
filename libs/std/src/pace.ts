import type { Runtime } from './runtime.ts';
import { sleep } from './sleep.ts';

const SLICE_MS = 1;
const REST_MS = 4;

/**
 * Divides work in proportion to its input, on a thread that serves others, into slices of 1 ms with rests of 4 ms. Others wait
 * for one slice at most.
 */
export class Pace {
  private sliceEndsMs: number;

  constructor(private readonly runtime: Pick<Runtime, 'clock' | 'timers'>) {
    this.sliceEndsMs = runtime.clock.monotonicMs() + SLICE_MS;
  }

  /** Whether it is time to rest. */
  get isOver(): boolean {
    return this.runtime.clock.monotonicMs() >= this.sliceEndsMs;
  }

  /** Resolves in another turn of the event loop, when the next slice may begin. */
  async rest(): Promise<void> {
    await sleep(this.runtime, REST_MS);
    this.sliceEndsMs = this.runtime.clock.monotonicMs() + SLICE_MS;
  }
}

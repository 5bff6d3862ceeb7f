import { sleep, type Runtime } from '@aisle/std';

const SLICE_MS = 1;
const REST_MS = 4;

/**
 * Work in proportion to its input, on the thread that serves everybody: a slice of it, and then a rest four times as long. Whoever
 * else is served waits for a slice at most.
 */
export class Pace {
  private sliceEndsMs: number;

  constructor(private readonly runtime: Runtime) {
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

import type { Runtime } from '@aisle/std';

/** The part of a process that the scheduler uses. */
export interface Runnable {
  /** True while it is in the queue. */
  scheduled: boolean;
  /** True when it is idle and has messages. */
  readonly isReady: boolean;
  /** Handles up to `turns` messages and returns how many it handled. */
  run(turns: number): number;
}

/** Turns between two visits to the event loop, so that I/O never starves. BEAM calls this reductions. */
const TURNS_PER_TICK = 512;
/** Turns of one process before the next one is served. */
const TURNS_PER_SLICE = 64;
/** Calls that may run inside each other on one JavaScript stack. */
const INLINE_DEPTH_MAX = 32;

const resolved = Promise.resolve();

/** Decides which process runs next. Ready processes are served round robin from a microtask, in slices of turns. */
export class Scheduler {
  /** The process whose code is on the stack; undefined after an `await`. */
  current: Runnable | undefined = undefined;
  private readonly ready: Runnable[] = [];
  private turnsLeft = TURNS_PER_TICK;
  private depth = 0;
  private awake = false;

  constructor(private readonly runtime: Runtime) {}

  /** Queues a process that has messages. */
  schedule(process: Runnable): void {
    if (process.scheduled) return;
    process.scheduled = true;
    this.ready.push(process);
    if (this.awake) return;
    this.awake = true;
    this.wake();
  }

  /**
   * Takes a place on the stack for a turn that runs inside its call. Returns false when the stack is deep or the event
   * loop must run; then the message waits in the mailbox. `leave` gives the place back.
   */
  enter(): boolean {
    if (this.depth >= INLINE_DEPTH_MAX || this.turnsLeft <= 0) return false;
    this.turnsLeft -= 1;
    this.depth += 1;
    return true;
  }

  leave(): void {
    this.depth -= 1;
  }

  private wake(): void {
    if (this.turnsLeft > 0) void resolved.then(this.drain);
    else this.runtime.defer(this.nextTick);
  }

  private readonly nextTick = (): void => {
    this.turnsLeft = TURNS_PER_TICK;
    this.drain();
  };

  private readonly drain = (): void => {
    // New work is appended to the same array, so the order is first come, first served.
    const { ready } = this;
    let at = 0;
    for (; at < ready.length && this.turnsLeft > 0; at += 1) {
      const process = ready[at] as Runnable;
      // Subtract afterwards: turns within these have counted themselves in the meantime.
      const turns = process.run(TURNS_PER_SLICE);
      this.turnsLeft -= turns;
      process.scheduled = false;
      if (process.isReady) this.schedule(process);
    }
    ready.splice(0, at);
    if (ready.length > 0) this.wake();
    else this.awake = false;
  };
}

import type { Runtime } from '@aisle/std';
import type { Process } from './process.ts';

/** Turns between two visits to the event loop: what BEAM calls reductions, so that I/O never starves. */
const TURNS_PER_TICK = 512;
/** Turns one process may take before the next one is served. */
const TURNS_PER_SLICE = 64;
/** Calls that may run inside each other on one JavaScript stack. */
const INLINE_DEPTH_MAX = 32;

const resolved = Promise.resolve();

/** Who runs next. Ready processes are served round robin from a microtask, in slices of turns. */
export class Scheduler {
  /** The process whose code is on the stack; undefined after an `await`. */
  current: Process | undefined = undefined;
  private readonly ready: Process[] = [];
  private turnsLeft = TURNS_PER_TICK;
  private depth = 0;
  private awake = false;

  constructor(private readonly runtime: Runtime) {}

  /** Queues a process that has messages. */
  schedule(process: Process): void {
    if (process.scheduled) return;
    process.scheduled = true;
    this.ready.push(process);
    if (this.awake) return;
    this.awake = true;
    this.wake();
  }

  /**
   * Takes a place on the stack for a turn that runs inside its call. False when the stack is deep or
   * the event loop is due; then the message waits in the mailbox. Give the place back with `leave`.
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
    // New work joins the same array behind `at`, so the order is first come, first served.
    const { ready } = this;
    let at = 0;
    for (; at < ready.length && this.turnsLeft > 0; at += 1) {
      const process = ready[at] as Process;
      this.turnsLeft -= process.run(TURNS_PER_SLICE);
      process.scheduled = false;
      if (process.isReady) this.schedule(process);
    }
    ready.splice(0, at);
    if (ready.length > 0) this.wake();
    else this.awake = false;
  };
}

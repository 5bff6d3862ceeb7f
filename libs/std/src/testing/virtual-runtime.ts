import { checkDuration, checkInterval, checkNumber } from '../options.ts';
import type { Random, Runtime, Timer } from '../runtime.ts';
import { DueQueue } from './due-queue.ts';
import { seededRandom } from './seeded-random.ts';

// Cheap turns let no real I/O happen, so take a real turn now and then: a test's own time limit needs it.
const CHEAP_TURNS_MAX = 10_000;

const NEVER: Timer = { cancel: () => undefined };

// A local name, because under Jest each use of a global is a slow look-up.
const { nextTick } = process;
const RealPromise = Promise;

/**
 * Time that moves only when a test moves it, and random numbers from a seed. Every timer and deferred callback runs
 * inside `advance` or `settle`, ordered by time and then by request, so one seed is one run.
 */
export class VirtualRuntime implements Runtime {
  private monotonic = 0;
  private cheapTurns = 0;
  private readonly due = new DueQueue();
  private deferred: (() => void)[] = [];

  readonly random: Random;

  constructor(
    seed = 1,
    private readonly startMs = Date.UTC(2026, 0, 1),
  ) {
    this.random = seededRandom(seed);
  }

  readonly clock = {
    nowMs: (): number => this.startMs + this.monotonic,
    monotonicMs: (): number => this.monotonic,
  };

  readonly timers = {
    after: (delayMs: number, run: () => void): Timer => this.schedule(checkDuration('delayMs', delayMs), run),
    every: (intervalMs: number, run: () => void): Timer => {
      checkInterval('intervalMs', intervalMs);
      let timer: Timer;
      const tick = (): void => {
        timer = this.schedule(intervalMs, tick);
        run();
      };
      timer = this.schedule(intervalMs, tick);
      return { cancel: () => timer.cancel() };
    },
  };

  defer(run: () => void): void {
    this.deferred.push(run);
  }

  /** Pending timers, for tests that look for leaks. */
  get pendingTimers(): number {
    return this.due.size;
  }

  /** Runs promise continuations and deferred work until nothing is ready; time does not move. */
  async settle(): Promise<void> {
    await realTurn();
    await this.runDeferred();
  }

  /** Moves time forward by `ms`, firing each timer at its own instant and settling after each. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.monotonic + checkNumber('ms', ms, { min: 0, isWhole: false });
    await this.settle();
    for (let next = this.due.take(untilMs); next; next = this.due.take(untilMs)) {
      this.monotonic = next.atMs;
      next.run();
      await this.cheapTurn();
      if (this.deferred.length > 0) await this.runDeferred();
    }
    this.monotonic = untilMs;
  }

  private async runDeferred(): Promise<void> {
    while (this.deferred.length > 0) {
      const ready = this.deferred;
      this.deferred = [];
      for (const run of ready) run();
      await this.cheapTurn();
    }
  }

  private cheapTurn(): Promise<void> {
    this.cheapTurns += 1;
    return this.cheapTurns % CHEAP_TURNS_MAX === 0 ? realTurn() : microtasks();
  }

  private schedule(delayMs: number, run: () => void): Timer {
    return delayMs === Infinity ? NEVER : this.due.add(this.monotonic + delayMs, run);
  }
}

// Both ways drain every queued microtask, however deep the chain. Node runs a next tick that a microtask asked for only
// after the last microtask, so no turn of the loop is needed.
function microtasks(): Promise<void> {
  return new RealPromise((resolve) => nextTick(resolve));
}

function realTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

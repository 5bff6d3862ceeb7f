import type { Random, Runtime, Timer } from '@aisle/std';

/** Faults of a process's clocks. */
export interface ProcessOptions {
  /** The monotonic clock is faster or slower by at most this share; 0.01 is 10 ms per second. 0 unless given. */
  readonly clockDriftMax?: number;
  /** The wall clock is ahead or behind by at most this time. 0 unless given. */
  readonly wallClockSkewMsMax?: number;
}

/** The services of the world that a process needs. */
export interface ProcessHost {
  readonly name: string;
  readonly random: Random;
  readonly runtime: Runtime;
  readonly onEvent: (event: 'paused' | 'resumed' | 'killed') => void;
}

/**
 * One process of the simulated machines. All of its code runs through `enter`, so that a paused process does nothing until it is
 * resumed, and a killed one does nothing ever again.
 *
 * Pause and kill it from outside its own code: code on the stack and settled promises still run.
 */
export class SimulatedProcess {
  readonly name: string;
  /** Time, chance and scheduling as this process sees them, for the code under test. */
  readonly runtime: Runtime;
  private state: 'running' | 'paused' | 'dead' = 'running';
  private overdue: (() => void)[] = [];
  private isCatchingUp = false;
  private readonly killListeners: (() => void)[] = [];

  constructor(private readonly host: ProcessHost, options: ProcessOptions) {
    this.name = host.name;
    this.runtime = this.ownRuntime(options);
  }

  get alive(): boolean {
    return this.state !== 'dead';
  }

  get paused(): boolean {
    return this.state === 'paused';
  }

  /** Stops the process, as SIGSTOP does: timers, deferred callbacks and answers wait; its clocks go on. */
  pause(): void {
    if (this.state !== 'running') return;
    this.state = 'paused';
    this.host.onEvent('paused');
  }

  /** Continues the process, as SIGCONT does: overdue callbacks run in the order in which they became due. */
  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'running';
    this.host.onEvent('resumed');
    this.catchUp();
  }

  /** Ends the process, as SIGKILL does: none of its code runs again, and its pending requests are never answered. */
  kill(): void {
    if (this.state === 'dead') return;
    this.state = 'dead';
    this.overdue = [];
    this.host.onEvent('killed');
    for (const listener of this.killListeners.splice(0)) listener();
  }

  /** Calls `run` once, when the process is killed, for work that the operating system does then. */
  whenKilled(run: () => void): void {
    this.killListeners.push(run);
  }

  /** Runs code in this process: now, when it is resumed, or never if it is dead. */
  enter(run: () => void): void {
    if (this.state === 'dead') return;
    if (this.state === 'paused' || this.overdue.length > 0) {
      this.overdue.push(run);
      return;
    }
    run();
  }

  /**
   * Sends a request to the world outside. `begin` gets two functions that settle the returned promise through `enter`, so that a
   * dead process never receives the answer.
   */
  ask<T>(begin: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.alive) return;
      begin(
        (value) => this.enter(() => resolve(value)),
        (error) => this.enter(() => reject(error as Error)),
      );
    });
  }

  // Overdue callbacks run one by one, and the promises of each settle before the next. New ones queue behind them.
  private catchUp(): void {
    if (this.isCatchingUp || this.overdue.length === 0) return;
    this.isCatchingUp = true;
    this.host.runtime.timers.after(0, () => {
      this.isCatchingUp = false;
      if (this.state !== 'running') return;
      this.overdue[0]?.();
      this.overdue.shift();
      this.catchUp();
    });
  }

  private ownRuntime(options: ProcessOptions): Runtime {
    const { random, runtime: world } = this.host;
    const either = (max: number): number => (2 * random.next() - 1) * max;
    const rate = 1 + either(options.clockDriftMax ?? 0);
    const skewMs = either(options.wallClockSkewMsMax ?? 0);
    const bornAtMs = world.clock.monotonicMs();
    const after = (delayMs: number, run: () => void): Timer => {
      let isDue = this.alive;
      const fire = (): void => {
        if (isDue) run();
      };
      const timer = world.timers.after(delayMs / rate, () => this.enter(fire));
      return {
        cancel: () => {
          isDue = false;
          timer.cancel();
        },
      };
    };
    return {
      clock: {
        nowMs: () => Math.floor(world.clock.nowMs() + skewMs),
        monotonicMs: () => (world.clock.monotonicMs() - bornAtMs) * rate,
      },
      timers: { after, every: (intervalMs, run) => repeated(after, intervalMs, run) },
      random,
      defer: (run) => world.defer(() => this.enter(run)),
    };
  }
}

function repeated(
  after: (delayMs: number, run: () => void) => Timer, intervalMs: number, run: () => void,
): Timer {
  // An interval of 0 would never let time advance.
  const delayMs = Math.max(1, intervalMs);
  let timer: Timer;
  const tick = (): void => {
    timer = after(delayMs, tick);
    run();
  };
  timer = after(delayMs, tick);
  return { cancel: () => timer.cancel() };
}

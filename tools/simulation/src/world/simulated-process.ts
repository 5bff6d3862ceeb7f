import type { Random, Runtime, Timer } from '@aisle/std';

/** What a process is, beyond its name. */
export interface ProcessOptions {
  /** The monotonic clock runs faster or slower by at most this share: 0.01 is 10 ms a second. None unless told. */
  readonly clockDriftMax?: number;
  /** The wall clock is ahead or behind by at most this. None unless told. */
  readonly wallClockSkewMsMax?: number;
}

/** What a process needs of its world. */
export interface ProcessHost {
  readonly name: string;
  readonly random: Random;
  readonly runtime: Runtime;
  readonly onEvent: (event: 'paused' | 'resumed' | 'killed') => void;
}

/**
 * One process of the simulated machine. Everything that runs in it runs through `enter`, so that a paused
 * process does nothing until it is resumed, and a killed one nothing at all. Pause and kill it from outside
 * of its own code: what is on the stack, and its promises that have settled already, still run.
 */
export class SimulatedProcess {
  readonly name: string;
  /** Time, chance and scheduling as this process sees them; what its code under test is given. */
  readonly runtime: Runtime;
  private state: 'running' | 'paused' | 'dead' = 'running';
  private overdue: (() => void)[] = [];
  private isCatchingUp = false;
  private readonly mourners: (() => void)[] = [];

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

  /** SIGSTOP: no timer, deferred callback or answer runs here; clocks go on. */
  pause(): void {
    if (this.state !== 'running') return;
    this.state = 'paused';
    this.host.onEvent('paused');
  }

  /** SIGCONT: what came meanwhile runs, in the order in which it came. */
  resume(): void {
    if (this.state !== 'paused') return;
    this.state = 'running';
    this.host.onEvent('resumed');
    this.catchUp();
  }

  /** kill -9: nothing of it ever runs again, and nothing it waits for is ever answered. */
  kill(): void {
    if (this.state === 'dead') return;
    this.state = 'dead';
    this.overdue = [];
    this.host.onEvent('killed');
    for (const mourn of this.mourners.splice(0)) mourn();
  }

  /** Runs `run` once, when the process is killed: what the operating system does for it then. */
  whenKilled(run: () => void): void {
    this.mourners.push(run);
  }

  /** Runs something in this process: now, at its resumption, or never. */
  enter(run: () => void): void {
    if (this.state === 'dead') return;
    if (this.state === 'paused' || this.overdue.length > 0) {
      this.overdue.push(run);
      return;
    }
    run();
  }

  /**
   * Something asked of the world outside: `begin` gets two functions that answer the returned promise
   * through `enter`, so that a dead process never hears of it.
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

  // One by one, each with its promises settled before the next; what comes meanwhile queues behind.
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
  // An interval of nothing would never let time move on.
  const delayMs = Math.max(1, intervalMs);
  let timer: Timer;
  const tick = (): void => {
    timer = after(delayMs, tick);
    run();
  };
  timer = after(delayMs, tick);
  return { cancel: () => timer.cancel() };
}

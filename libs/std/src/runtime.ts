import { performance } from 'node:perf_hooks';
import { randomBytes, randomInt } from 'node:crypto';
import { checkDuration, checkInterval } from './options.ts';

/** Two clocks: the wall clock, which may jump, and a monotonic clock, which never runs backwards. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. Use it to record when something happened, never to decide ownership. */
  nowMs(): number;
  /** Milliseconds with fractions since an arbitrary start. Use it for measurements and timeouts. */
  monotonicMs(): number;
}

/** A pending timer, or an interval that is still running. */
export interface Timer {
  cancel(): void;
}

/**
 * Timers. A background timer does not keep the process alive. A delay may have any length, and `Infinity` means never.
 * NaN and negative numbers are a RangeError, and so is an interval of 0.
 */
export interface Timers {
  after(delayMs: number, run: () => void, options?: TimerOptions): Timer;
  every(intervalMs: number, run: () => void, options?: TimerOptions): Timer;
}

/** Whether the timer keeps the process alive. */
export interface TimerOptions {
  /** A background timer does not keep the process alive. */
  background?: boolean;
}

/** Random numbers, from the operating system or from a seed. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A uniform integer in [0, below). */
  int(below: number): number;
  bytes(length: number): Uint8Array;
}

/**
 * Time, randomness and scheduling as values to be passed in. Production uses `systemRuntime`. Tests and the simulator
 * use the virtual runtime of `@aisle/std/testing`, where one seed replays one run exactly.
 */
export interface Runtime {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Runs `run` at the end of this turn of the event loop, after everything that is ready already. */
  defer(run: () => void): void;
}

/** The real clock, timers, randomness and scheduling of this process. */
export const systemRuntime: Runtime = {
  clock: { nowMs: () => Date.now(), monotonicMs: () => performance.now() },
  timers: {
    after(delayMs, run, options) {
      if (checkDuration('delayMs', delayMs) > TIMEOUT_MAX_MS) return afterLong(delayMs, run, options);
      const handle = setTimeout(run, delayMs);
      if (options?.background) handle.unref();
      return { cancel: () => clearTimeout(handle) };
    },
    every(intervalMs, run, options) {
      if (checkInterval('intervalMs', intervalMs) > TIMEOUT_MAX_MS) return everyLong(intervalMs, run, options);
      const handle = setInterval(run, intervalMs);
      if (options?.background) handle.unref();
      return { cancel: () => clearInterval(handle) };
    },
  },
  random: {
    next: () => randomInt(2 ** 47) / 2 ** 47,
    int: (below) => randomInt(below),
    bytes: pooledBytes,
  },
  defer: (run) => void setImmediate(run),
};

/** The longest delay that Node accepts; it fires a longer one at once. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

const NEVER: Timer = { cancel: () => undefined };

/** Waits in parts, because Node's own delay is bounded. */
function afterLong(delayMs: number, run: () => void, options: TimerOptions | undefined): Timer {
  if (delayMs === Infinity) return NEVER;
  let leftMs = delayMs;
  let timer = NEVER;
  const goOn = (): void => {
    const partMs = Math.min(leftMs, TIMEOUT_MAX_MS);
    leftMs -= partMs;
    timer = systemRuntime.timers.after(partMs, leftMs > 0 ? goOn : run, options);
  };
  goOn();
  return { cancel: () => timer.cancel() };
}

function everyLong(intervalMs: number, run: () => void, options: TimerOptions | undefined): Timer {
  let timer = NEVER;
  const tick = (): void => {
    timer = systemRuntime.timers.after(intervalMs, tick, options);
    run();
  };
  timer = systemRuntime.timers.after(intervalMs, tick, options);
  return { cancel: () => timer.cancel() };
}

// Random bytes are drawn in blocks, because a system call for a few bytes costs more than using them.
const BLOCK_BYTES = 4_096;
let block = new Uint8Array(0);

function pooledBytes(length: number): Uint8Array {
  if (length > BLOCK_BYTES / 4) return randomBytes(length);
  if (length > block.length) block = randomBytes(BLOCK_BYTES);
  const bytes = block.subarray(0, length);
  block = block.subarray(length);
  return bytes;
}

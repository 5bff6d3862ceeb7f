import { performance } from 'node:perf_hooks';
import { randomBytes, randomInt } from 'node:crypto';
import { checkDuration, checkInterval } from './options.ts';

/** Two clocks: the wall's, which may jump, and a monotonic one, which never runs backwards. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. Says when something happened, never who owns what. */
  nowMs(): number;
  /** Milliseconds, fractional, since an arbitrary start; the one to measure and to time out by. */
  monotonicMs(): number;
}

/** A timer that has not fired yet, or an interval that still runs. */
export interface Timer {
  cancel(): void;
}

/**
 * Timers. None of them keeps a process alive on its own when `background` is set. A delay may be of any length, and
 * `Infinity` is never; NaN and what is negative is a RangeError, and so is an interval of 0.
 */
export interface Timers {
  after(delayMs: number, run: () => void, options?: TimerOptions): Timer;
  every(intervalMs: number, run: () => void, options?: TimerOptions): Timer;
}

/** Whether the process waits for the timer. */
export interface TimerOptions {
  /** A background timer does not keep the process alive. */
  background?: boolean;
}

/** Where chance comes from: the operating system, or a seed. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** A uniform integer in [0, below). */
  int(below: number): number;
  bytes(length: number): Uint8Array;
}

/**
 * Time, chance and scheduling, as values that are passed in. Production uses `systemRuntime`;
 * tests and the simulator use the virtual one of `@aisle/std/testing`, where a run replays
 * exactly from its seed.
 */
export interface Runtime {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Runs `run` at the end of this event-loop turn, after all that is already ready. */
  defer(run: () => void): void;
}

/** The real clock, timers, chance and scheduling of this process. */
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

/** The longest time that Node waits; a longer one would be over at once. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

const NEVER: Timer = { cancel: () => undefined };

/** Waits in parts. */
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

// A system call for a few bytes costs more than what is done with them, so they are drawn in blocks.
const BLOCK_BYTES = 4_096;
let block = new Uint8Array(0);

function pooledBytes(length: number): Uint8Array {
  if (length > BLOCK_BYTES / 4) return randomBytes(length);
  if (length > block.length) block = randomBytes(BLOCK_BYTES);
  const bytes = block.subarray(0, length);
  block = block.subarray(length);
  return bytes;
}

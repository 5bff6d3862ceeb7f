import { checkDuration, checkNumber, checkOptions, type Random } from '@aisle/std';
import { isAbnormal, type ExitReason } from '../exit-reason.ts';
import type { Restart } from './child-spec.ts';

/** The restart limits of every supervisor. */
export interface RestartFlags {
  /** Restarts allowed within `maxSeconds`; 3 by default. With one more the supervisor gives up. */
  maxRestarts?: number;
  /** The sliding window of `maxRestarts`, in seconds; 5 by default. */
  maxSeconds?: number;
  /** Waits between restarts; not in OTP, and off by default. */
  backoff?: Backoff;
}

/** The wait doubles from `minMs` to `maxMs` with each restart. It starts anew once a child has lived for `maxMs`. */
export interface Backoff {
  minMs: number;
  maxMs: number;
  /** The share of the wait, 0 to 1, that is subtracted at random, so that many children do not return at once. */
  jitter: number;
}

const MAX_RESTARTS = 3;
const MAX_SECONDS = 5;

/** OTP's table: permanent always, transient after an abnormal end, temporary never. */
export function wantsRestart(restart: Restart, reason: ExitReason): boolean {
  return restart === 'permanent' || (restart === 'transient' && isAbnormal(reason));
}

/** Counts restarts over a sliding window. */
export class RestartIntensity {
  private readonly maxRestarts: number;
  private readonly windowMs: number;
  private timesMs: number[] | undefined = undefined;
  /** Times before this index are outside of the window. */
  private first = 0;

  constructor({ maxRestarts = MAX_RESTARTS, maxSeconds = MAX_SECONDS }: RestartFlags) {
    this.maxRestarts = maxRestarts;
    this.windowMs = maxSeconds * 1_000;
  }

  /** Counts a restart at `nowMs`. Returns false if it exceeds the limit. */
  allows(nowMs: number): boolean {
    if (this.maxRestarts === Infinity) return true;
    const timesMs = (this.timesMs ??= []);
    timesMs.push(nowMs);
    while (nowMs - (timesMs[this.first] as number) > this.windowMs) this.first += 1;
    // Each time is read once and moved about once, however many there are.
    if (this.first > timesMs.length / 2) {
      timesMs.splice(0, this.first);
      this.first = 0;
    }
    return timesMs.length - this.first <= this.maxRestarts;
  }
}

/** Throws a RangeError or TypeError that names the wrong limit. */
export function checkRestartFlags({ maxRestarts, maxSeconds, backoff }: RestartFlags): void {
  if (maxRestarts !== undefined) checkNumber('maxRestarts', maxRestarts, { min: 0, isEndless: true });
  if (maxSeconds !== undefined) checkNumber('maxSeconds', maxSeconds, { min: Number.MIN_VALUE, isWhole: false, isEndless: true });
  if (backoff !== undefined) checkBackoff(backoff);
}

function checkBackoff(backoff: Backoff): void {
  const { minMs, maxMs, jitter } = checkOptions('backoff', backoff);
  checkDuration('backoff.minMs', minMs);
  if (checkDuration('backoff.maxMs', maxMs) < minMs) throw new RangeError(`backoff.maxMs is ${maxMs}; it must be at least backoff.minMs`);
  checkNumber('backoff.jitter', jitter, { min: 0, max: 1, isWhole: false });
}

// All waits have their maximum by then. More doublings would make 0 times infinity of a wait of 0.
const DOUBLINGS_MAX = 64;

/** The wait before the restart that follows `attempts` earlier ones. */
export function backoffMs(backoff: Backoff, attempts: number, random: Random): number {
  const fullMs = Math.min(backoff.maxMs, backoff.minMs * 2 ** Math.min(attempts, DOUBLINGS_MAX));
  return fullMs * (1 - backoff.jitter * random.next());
}

import type { Random } from '@aisle/std';
import { isAbnormal, type ExitReason } from '../exit-reason.ts';
import type { Restart } from './child-spec.ts';

/** Limits of restarting that every supervisor has. */
export interface RestartFlags {
  /** Restarts allowed within `maxSeconds`; 3 by default. One more, and the supervisor gives up. */
  maxRestarts?: number;
  /** The sliding window of `maxRestarts`, in seconds; 5 by default. */
  maxSeconds?: number;
  /** Waits between restarts; not in OTP, and off by default. */
  backoff?: Backoff;
}

/** The wait doubles from `minMs` to `maxMs` with each restart; it starts anew once a child has lived for `maxMs`. */
export interface Backoff {
  minMs: number;
  maxMs: number;
  /** The part of the wait, 0 to 1, that chance may take off, so that many children do not return at once. */
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

  constructor({ maxRestarts = MAX_RESTARTS, maxSeconds = MAX_SECONDS }: RestartFlags) {
    this.maxRestarts = maxRestarts;
    this.windowMs = maxSeconds * 1_000;
  }

  /** Counts one restart at `nowMs`; false when it is one too many. */
  allows(nowMs: number): boolean {
    const recent = (this.timesMs ?? []).filter((timeMs) => nowMs - timeMs <= this.windowMs);
    recent.push(nowMs);
    this.timesMs = recent;
    return recent.length <= this.maxRestarts;
  }
}

/** How long to wait before the restart after `attempts` earlier ones. */
export function backoffMs(backoff: Backoff, attempts: number, random: Random): number {
  const fullMs = Math.min(backoff.maxMs, backoff.minMs * 2 ** attempts);
  return fullMs * (1 - backoff.jitter * random.next());
}

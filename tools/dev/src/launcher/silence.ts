import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Reachable } from '../process/ops-port.ts';

/** The interval of liveness checks, and the limit after which a process counts as silent. */
export interface Patience {
  readonly everyMs: number;
  readonly answerWithinMs: number;
  /** Consecutive checks without an answer. */
  readonly looks: number;
}

/** A minute and a half without an answer: the process's own watchdog had several chances by then. */
const PATIENCE: Patience = { everyMs: 5_000, answerWithinMs: 10_000, looks: 6 };

/**
 * Checks repeatedly whether a process is alive. Resolves with the time of its silence, or with nothing once `isOver`.
 * Checks are counted instead of time, so a machine that slept in between adds one check.
 */
export async function silence(
  process: Reachable, isOver: () => boolean, { everyMs, answerWithinMs, looks }: Patience = PATIENCE,
): Promise<number | undefined> {
  let answeredAtMs = Date.now();
  for (let silent = 0; silent < looks; silent++) {
    // A process that has ended meanwhile is no reason for ours to stay.
    await sleep(everyMs, undefined, { ref: false });
    if (isOver()) return undefined;
    if ((await ask(process, '/health/live', answerWithinMs)) === undefined) continue;
    silent = -1;
    answeredAtMs = Date.now();
  }
  return Date.now() - answeredAtMs;
}

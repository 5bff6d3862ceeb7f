import { setTimeout as sleep } from 'node:timers/promises';
import { ask, type Reachable } from '../process/ops-port.ts';

/** How often a process is asked whether it lives, and when it counts as silent. */
export interface Patience {
  readonly everyMs: number;
  readonly answerWithinMs: number;
  /** Looks in a row that nobody answered. */
  readonly looks: number;
}

/** A minute and a half for a process that does not answer: its own watchdog has had its chance several times over. */
const PATIENCE: Patience = { everyMs: 5_000, answerWithinMs: 10_000, looks: 6 };

/**
 * Asks a process again and again whether it lives. Resolves with for how long it has been silent, or with nothing once
 * `isOver`. Looks are counted, not time: a machine that slept in between adds one look.
 */
export async function silence(
  process: Reachable, isOver: () => boolean, { everyMs, answerWithinMs, looks }: Patience = PATIENCE,
): Promise<number | undefined> {
  let answeredAtMs = Date.now();
  for (let silent = 0; silent < looks; silent++) {
    await sleep(everyMs);
    if (isOver()) return undefined;
    if ((await ask(process, '/health/live', answerWithinMs)) === undefined) continue;
    silent = -1;
    answeredAtMs = Date.now();
  }
  return Date.now() - answeredAtMs;
}

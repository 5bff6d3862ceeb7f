import { setTimeout as sleep } from 'node:timers/promises';
import type { Workload } from './workload.ts';

const EVERY_MS = 100;
let probes = 0;

/**
 * Reads each basket about ten times a second, without waiting for earlier answers, until one succeeds. Returns the
 * milliseconds from `sinceMs` (the workload's clock) to the success, by basket; undefined if there was none in time.
 */
export async function firstSuccesses(
  workload: Workload, baskets: readonly string[], sinceMs: number, withinMs: number,
): Promise<(number | undefined)[]> {
  return Promise.all(baskets.map((basket) => firstSuccess(workload, basket, sinceMs, withinMs)));
}

async function firstSuccess(
  workload: Workload, basket: string, sinceMs: number, withinMs: number,
): Promise<number | undefined> {
  let succeededMs: number | undefined;
  const reads: Promise<void>[] = [];
  while (succeededMs === undefined && workload.nowMs() < sinceMs + withinMs) {
    reads.push(workload.read(`probe ${(probes += 1)}`, basket).then((isOk) => {
      if (isOk) succeededMs ??= workload.nowMs() - sinceMs;
    }));
    await Promise.race([sleep(EVERY_MS), ...reads.slice(-1)]);
    // A refusal comes at once, and an immediate retry would only add to the load.
    if (succeededMs === undefined) await sleep(EVERY_MS / 2);
  }
  return succeededMs;
}

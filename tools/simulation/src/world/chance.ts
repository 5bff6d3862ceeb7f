import type { Random } from '@aisle/std';

/** From and to, in milliseconds; a draw is uniform between them. */
export type RangeMs = readonly [fromMs: number, toMs: number];

/** True with this probability. Draws even when it is 0, so that a fault switched off shifts no later draw. */
export function happens(random: Random, probability: number): boolean {
  return random.next() < probability;
}

/** A time between the two. */
export function drawMs(random: Random, [fromMs, toMs]: RangeMs): number {
  return fromMs + random.next() * (toMs - fromMs);
}

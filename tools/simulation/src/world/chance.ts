import type { Random } from '@aisle/std';

/** A range in milliseconds; a draw is uniform between its ends. */
export type RangeMs = readonly [fromMs: number, toMs: number];

/** Returns true with this probability. It draws even for 0, so that a disabled fault does not shift later draws. */
export function happens(random: Random, probability: number): boolean {
  return random.next() < probability;
}

/** Draws a time from the range. */
export function drawMs(random: Random, [fromMs, toMs]: RangeMs): number {
  return fromMs + random.next() * (toMs - fromMs);
}

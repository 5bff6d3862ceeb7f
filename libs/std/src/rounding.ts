/**
 * The modes by which amounts are rounded. `half-up` and `up` round away from zero, `down` towards it, `half-even` to the even
 * neighbour. These are modes of `java.math.RoundingMode`, so a refund rounds as its sale did.
 */
export const ROUNDINGS = ['half-up', 'half-even', 'down', 'up'] as const;
/** One of these modes. */
export type Rounding = (typeof ROUNDINGS)[number];

/** A line by what it comes to, and how much of it is missing. */
export interface SuppliedLine {
  readonly quantity: number;
  readonly missing: number;
  readonly netMinor: number;
}

/**
 * What an order costs when some of it is missing: of each line the supplied part, and of what the order as a whole was
 * made cheaper by, the same part. Rounded down, in the shopper's favour.
 */
export function suppliedTotalMinor(totalMinor: number, lines: readonly SuppliedLine[]): number {
  if (lines.every(({ missing }) => missing === 0)) return totalMinor;
  const net = lines.reduce((sum, { netMinor }) => sum + netMinor, 0);
  if (net === 0) return 0;
  const supplied = lines.reduce((sum, { quantity, missing, netMinor }) => sum + (netMinor * (quantity - missing)) / quantity, 0);
  return Math.max(0, Math.floor((totalMinor * supplied) / net + ROUNDING));
}

// What a division leaves behind must not cost a penny; no price is that small.
const ROUNDING = 1e-6;

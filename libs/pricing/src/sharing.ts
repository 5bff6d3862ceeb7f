import { allocate } from './money.ts';

/** A line among which an amount is shared. `openedAt` tells lines of one SKU apart: the instant at which each was added. */
export interface SharingLine {
  readonly sku: string;
  /** ISO 8601 in UTC, of one precision. */
  readonly openedAt: string;
}

/** A line with its weight in a sharing. */
export interface WeightedLine extends SharingLine {
  readonly weight: number;
}

/**
 * Shares a total among lines by largest remainder over the weights above 0. Ties go by SKU in UTF-8, then by opening instant, so the
 * position of a line never matters. The shares are in the order of the lines. Lines without weight get nothing, unless no line has one:
 * then all weigh the same.
 */
export function shareAmong(totalMinor: number, lines: readonly WeightedLine[]): number[] {
  const places = canonicalPlaces(lines);
  const weights = places.map((place) => Math.max(0, (lines[place] as WeightedLine).weight));
  const shares = new Array<number>(lines.length).fill(0);
  allocate(totalMinor, weights).forEach((share, index) => {
    shares[places[index] as number] = share;
  });
  return shares;
}

/** The positions of lines in the order of ties: by SKU, opening instant and weight. Lines that are equal in all three are alike. */
export function canonicalPlaces(lines: readonly WeightedLine[]): number[] {
  return lines.map((_, place) => place).sort((a, b) => {
    const [one, other] = [lines[a] as WeightedLine, lines[b] as WeightedLine];
    return compareUtf8(one.sku, other.sku) || compareUtf8(one.openedAt, other.openedAt) || other.weight - one.weight;
  });
}

/**
 * The order of two well-formed texts as UTF-8 bytes, which is that of their code points. JavaScript's own order differs for characters
 * beyond U+FFFF, whose surrogates sort before U+E000.
 */
export function compareUtf8(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const [a, b] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (a !== b) return isSurrogate(a) === isSurrogate(b) ? a - b : (isSurrogate(a) ? 0x1_0000 : a) - (isSurrogate(b) ? 0x1_0000 : b);
  }
  return one.length - other.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

import type { Random } from '../runtime.ts';

// Local names, because under Jest each use of a global is a slow look-up, and this function is called most of all.
const { floor, imul } = Math;

/** Random numbers from a seed: the same seed always gives the same numbers. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32: 32 bits of state are enough to name a run by one number.
  const nextUint32 = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const next = (): number => nextUint32() / 2 ** 32;
  return {
    next,
    int: (below) => floor(next() * below),
    bytes: (length) => Uint8Array.from({ length }, () => nextUint32() & 0xff),
  };
}

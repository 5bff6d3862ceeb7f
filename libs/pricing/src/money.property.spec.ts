import { isFailure } from '@aisle/std';
import fc from 'fast-check';
import { allocate, mulDiv } from './money.ts';
import type { Rounding } from './strategy.ts';

const roundings: Rounding[] = ['half-up', 'half-even', 'down', 'up'];
const small = fc.integer({ min: -1_000, max: 1_000 });
const integer = fc.oneof(small, fc.maxSafeInteger());
const positive = fc.oneof(
  fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);

describe('mulDiv', () => {
  it.each(roundings)('equals BigInt arithmetic when rounding %s', (rounding) => {
    fc.assert(fc.property(integer, integer, positive, (amount, numerator, denominator) => {
      const exact = reference(BigInt(amount) * BigInt(numerator), BigInt(denominator), rounding);

      const result = outcomeOf(() => mulDiv(amount, numerator, denominator, rounding));

      const isSafe = exact <= BigInt(Number.MAX_SAFE_INTEGER)
        && exact >= -BigInt(Number.MAX_SAFE_INTEGER);
      expect(result).toBe(isSafe ? Number(exact) : 'money.too-large');
    }), { numRuns: 1_000 });
  });

  it.each(roundings)('rounds a refund as its sale when rounding %s', (rounding) => {
    fc.assert(fc.property(small, small, positive, (amount, numerator, denominator) => {
      const sale = mulDiv(amount, numerator, denominator, rounding);

      expect(mulDiv(-amount, numerator, denominator, rounding)).toBe(sale === 0 ? 0 : -sale);
    }));
  });
});

describe('allocate', () => {
  const weights = fc.array(
    fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 2 ** 46 })),
    { minLength: 1, maxLength: 50 },
  );

  it('sums exactly to the total', () => {
    fc.assert(fc.property(integer, weights, (total, shares) => {
      const parts = allocate(total, shares);

      expect(parts.reduce((sum, part) => sum + BigInt(part), 0n)).toBe(BigInt(total));
    }), { numRuns: 500 });
  });

  it('rounds every exact share up or down by less than one', () => {
    fc.assert(fc.property(integer, weights, (total, shares) => {
      const sum = shares.reduce((all, weight) => all + BigInt(weight), 0n);
      fc.pre(sum > 0n);

      const parts = allocate(total, shares);

      parts.forEach((part, index) => {
        const share = BigInt(Math.abs(total)) * BigInt(shares[index]!) / sum;
        const size = BigInt(Math.abs(part));
        expect(size === share || size === share + 1n).toBe(true);
      });
    }), { numRuns: 500 });
  });

  it('never gives a weight more than itself of a total up to the sum of the weights', () => {
    fc.assert(fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (shares, part) => {
      const sum = shares.reduce((all, weight) => all + weight, 0);
      fc.pre(sum > 0);

      const parts = allocate(-Math.floor(sum * part), shares);

      expect(parts.every((size, index) => shares[index]! + size >= 0)).toBe(true);
    }));
  });
});

/** The plain definition: floor, then look at the remainder. */
function reference(product: bigint, denominator: bigint, rounding: Rounding): bigint {
  const sign = product < 0n ? -1n : 1n;
  const magnitude = product * sign;
  const floor = magnitude / denominator;
  const twiceRest = 2n * (magnitude - floor * denominator);
  const up = {
    down: false,
    up: twiceRest > 0n,
    'half-up': twiceRest >= denominator,
    'half-even': twiceRest > denominator || (twiceRest === denominator && floor % 2n === 1n),
  }[rounding];
  return sign * (up ? floor + 1n : floor);
}

function outcomeOf(run: () => number): number | string {
  try {
    return run();
  } catch (thrown) {
    if (isFailure(thrown)) return thrown.code;
    throw thrown;
  }
}

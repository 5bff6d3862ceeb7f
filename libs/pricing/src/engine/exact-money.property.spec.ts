import fc from 'fast-check';
import { basketBy, item, strategy } from '../testing/shop.ts';
import { ANSWER_LIMITS } from './answer.ts';
import type { ActiveStrategy, Meta } from '../strategy.ts';
import type { PricedBasket } from './priced.ts';

const MAX = Number.MAX_SAFE_INTEGER;

// A sum of numbers cannot check this, since it would be rounded itself. BigInt is the oracle.
describe('money, whatever strategies answer', () => {
  it('is exact everywhere: the adjustments sum to the charged amount', () => {
    const amount = fc.oneof(
      fc.integer({ min: -500, max: 500 }), fc.constantFrom(MAX, -MAX, 0.5, -0.5, -0, 2 ** 52, -(2 ** 52)), fc.maxSafeInteger(),
      near(ANSWER_LIMITS.adjustedMinor), near(-ANSWER_LIMITS.adjustedMinor), near(ANSWER_LIMITS.dearerMinor),
    );
    const rule = fc.record({
      amounts: fc.array(amount, { maxLength: 8 }), surcharge: fc.boolean(), kind: fc.constantFrom<Meta['kind'][]>('line', 'basket'),
      skus: fc.constantFrom(undefined, ['A'], ['B', 'C']), stack: fc.constantFrom<Meta['stack'][]>('stack', 'stack', 'best-of'),
    });
    const line = fc.record({
      quantity: fc.integer({ min: 1, max: 99_999 }), unitPriceMinor: fc.oneof(fc.nat(1_000), fc.nat(10 ** 11), near(MAX)),
    });
    fc.assert(fc.property(fc.array(rule, { maxLength: 6 }), fc.array(line, { minLength: 1, maxLength: 3 }), (rules, lines) => {
      const priced = price(rules.map(({ amounts, surcharge, kind, skus, stack }, at) => strategy(
        { name: `rule-${at}`, kind, surcharge, scope: skus ? { skus } : {}, stack, ...(stack === 'best-of' ? { group: 'g' } : {}) },
        () => ({ adjustments: amounts.map((amountMinor) => ({ code: 'x', amountMinor, message: 'x' })) }),
      )), lines);
      if (priced === undefined) return;

      for (const { grossMinor, adjustments, netMinor } of priced.lines) {
        expect(BigInt(grossMinor) + total(adjustments.map(({ amountMinor }) => amountMinor))).toBe(BigInt(netMinor));
        expect(netMinor).toBeGreaterThanOrEqual(0);
      }
      const nets = total(priced.lines.map(({ netMinor }) => netMinor));
      expect(nets + total(priced.adjustments.map(({ amountMinor }) => amountMinor))).toBe(BigInt(priced.totalMinor));
      expect(priced.totalMinor).toBeGreaterThanOrEqual(0);
      for (const { amountMinor, sharesMinor } of priced.adjustments) expect(total(sharesMinor)).toBe(BigInt(amountMinor));
    }), { numRuns: 2_000 });
  });

  it.each<[what: string, meta: Partial<Meta>, amounts: readonly number[], netMinor: number]>([
    ['cancel out', {}, [MAX, -MAX], 700],
    ['cancel out, many of them', {}, [...Array<number>(16).fill(MAX), ...Array<number>(16).fill(-MAX)], 700],
    ['make it dearer by more than a price can be', { surcharge: true }, [ANSWER_LIMITS.dearerMinor + 1], 700],
    ['make it dearer by as much', { surcharge: true }, [ANSWER_LIMITS.dearerMinor], 700 + ANSWER_LIMITS.dearerMinor],
    ['take off more than there is', {}, [-(10 ** 14), -(10 ** 14)], 0],
    ['raise and lower by as much', {}, [10 ** 14, -(10 ** 14)], 700],
    ['raise, and lower by more', {}, [10 ** 14, -(10 ** 14), -50], 650],
  ])('that %s is charged exactly or not at all', (_what, meta, amounts, netMinor) => {
    const rule = strategy(meta, () => ({ adjustments: amounts.map((amountMinor) => ({ code: 'x', amountMinor, message: 'x' })) }));

    const [line] = basketBy([rule], [item(7, 100)]).lines;

    expect(line?.netMinor).toBe(netMinor);
  });

  it('stays exact under eighty surcharges on a thousand lines', () => {
    const fees = Array.from({ length: 80 }, (_, at) =>
      strategy({ name: `fee-${at}`, surcharge: true }, () => ({ adjustments: [{ code: 'x', amountMinor: ANSWER_LIMITS.dearerMinor, message: 'x' }] })));
    const lines = Array.from({ length: 1_000 }, (_, at) => item(1, 100, { sku: `SKU-${at}` }));

    expect(basketBy(fees, lines).totalMinor).toBe(1_000 * (100 + 80 * ANSWER_LIMITS.dearerMinor));
  });
});

function near(minor: number): fc.Arbitrary<number> {
  return fc.integer({ min: -3, max: 3 }).map((by) => Math.max(-MAX, Math.min(MAX, minor + by)));
}

/** Undefined for a refused price, which no number can hold exactly. */
function price(rules: readonly ActiveStrategy[], lines: readonly { quantity: number; unitPriceMinor: number }[]): PricedBasket | undefined {
  try {
    return basketBy(rules, lines.map(({ quantity, unitPriceMinor }, at) => item(quantity, Math.abs(unitPriceMinor), { sku: 'ABC'[at]! })));
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'money.too-large' });
    return undefined;
  }
}

function total(amountsMinor: readonly number[]): bigint {
  return amountsMinor.reduce((sum, amountMinor) => sum + BigInt(amountMinor), 0n);
}

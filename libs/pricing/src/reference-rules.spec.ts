import { priceBasket } from './engine/basket.ts';
import { priceLine } from './engine/line.ts';
import { createRuleSet } from './engine/rule-set.ts';
import { referenceRules } from './reference-rules.ts';
import { at, lineBy } from './testing/shop.ts';
import type { PricedLine } from './engine/priced.ts';
import type { LineInput } from './strategy.ts';

const pricesMinor: Record<string, number> = { GR1: 311, SR1: 500, CF1: 1123 };

describe('referenceRules', () => {
  it.each([
    ['GR1 SR1 GR1 GR1 CF1', 2245],
    ['GR1 GR1', 311],
    ['SR1 SR1 GR1 SR1', 1661],
    ['GR1 CF1 SR1 CF1 CF1', 3057],
    ['', 0],
  ])('price %j at %d in any order of additions', (basket, totalMinor) => {
    const rules = createRuleSet(1, referenceRules());

    const totals = permutations(basket.split(' ').filter(Boolean)).map((skus) => {
      const lines = new Map<string, PricedLine>();
      for (const sku of skus) {
        const quantity = (lines.get(sku)?.quantity ?? 0) + 1;
        lines.set(sku, priceLine(rules, { sku, quantity, unitPriceMinor: pricesMinor[sku]! }, at));
      }
      return priceBasket(rules, [...lines.values()], [], at).totalMinor;
    });

    expect(new Set(totals)).toEqual(new Set([totalMinor]));
  });

  it('explain their discounts and the effect of one more unit', () => {
    const line = lineBy(referenceRules(), { sku: 'GR1', quantity: 3, unitPriceMinor: 311 });

    expect(line).toEqual({
      sku: 'GR1',
      quantity: 3,
      unitPriceMinor: 311,
      grossMinor: 933,
      adjustments: [{
        code: 'buy-n-get-m',
        amountMinor: -311,
        units: 1,
        message: 'buy 1, get 1 free: 1 free',
        strategy: 'gr1-buy-one-get-one-free',
        version: '1.1.0',
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      }],
      skipped: [{
        code: 'buy-n-get-m',
        reason: 'one more and it is free',
        unitsNeeded: 1,
        strategy: 'gr1-buy-one-get-one-free',
        version: '1.1.0',
      }],
      netMinor: 622,
      degraded: false,
    });
  });

  it.each(referenceRules().flatMap(({ meta }) => meta.tests.map((test) => ({ meta, test }))))(
    '$meta.name passes its own test: $test.name',
    ({ test }) => {
      const line = lineBy(referenceRules(), test.input as LineInput);

      expect(line.netMinor).toBe(test.expect.netMinor);
    },
  );

  it('keep their hashes, which identify charged prices', () => {
    const hashes = referenceRules().map(({ meta, sha256 }) => [meta.name, sha256.slice(0, 16)]);

    expect(hashes).toMatchInlineSnapshot(`
[
  [
    "gr1-buy-one-get-one-free",
    "29aa1483ccd1a156",
  ],
  [
    "sr1-bulk-price",
    "cf821c2d8e32f84c",
  ],
  [
    "cf1-two-thirds",
    "52f04d4d2c535dc9",
  ],
]
`);
  });
});

function permutations(skus: readonly string[]): string[][] {
  if (skus.length === 0) return [[]];
  return skus.flatMap((sku, index) =>
    permutations(skus.toSpliced(index, 1)).map((rest) => [sku, ...rest]));
}

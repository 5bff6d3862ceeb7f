import fc from 'fast-check';
import { basketBy, configured } from '../testing/shop.ts';
import type { Item } from '../strategy.ts';
import type { Params } from '../testing/shop.ts';

const shelf = fc.uniqueArray(
  fc.record({
    sku: fc.constantFrom('A', 'B', 'C', 'D'),
    quantity: fc.integer({ min: 1, max: 12 }),
    unitPriceMinor: fc.integer({ min: 0, max: 30 }),
  }),
  { selector: ({ sku }) => sku, minLength: 1 },
);

describe('mix-and-match', () => {
  it('makes the same sets as a search over every unit', () => {
    const offer = fc.record({
      count: fc.integer({ min: 2, max: 5 }), setPriceMinor: fc.integer({ min: 0, max: 90 }),
    });
    fc.assert(fc.property(shelf, offer, (items, { count, setPriceMinor }) => {
      const units = dearestFirst(items);
      const totals = Array.from({ length: Math.floor(units.length / count) + 1 }, (_, sets) =>
        sets * setPriceMinor + sum(units.slice(sets * count)));

      expect(total(items, { count, setPriceMinor })).toBe(Math.min(...totals));
    }));
  });

  it('gives away the same units as a search over every unit', () => {
    const offer = fc.record({
      count: fc.integer({ min: 2, max: 5 }), free: fc.integer({ min: 1, max: 4 }),
    }).filter(({ count, free }) => free < count);
    fc.assert(fc.property(shelf, offer, (items, { count, free }) => {
      const units = dearestFirst(items);
      const whole = units.length - (units.length % count);
      const paid = units.filter((_, at) => at >= whole || at % count < count - free);

      expect(total(items, { count, free })).toBe(sum(paid));
    }));
  });
});

function total(items: readonly Item[], params: Params): number {
  return basketBy([configured('mix-and-match@1', params)], items).totalMinor;
}

function dearestFirst(items: readonly Item[]): number[] {
  return items
    .flatMap(({ quantity, unitPriceMinor }) => new Array<number>(quantity).fill(unitPriceMinor))
    .sort((a, b) => b - a);
}

function sum(amountsMinor: readonly number[]): number {
  return amountsMinor.reduce((all, amountMinor) => all + amountMinor, 0);
}

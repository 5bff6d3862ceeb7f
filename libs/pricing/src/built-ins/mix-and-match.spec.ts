import { basketBy, configured } from '../testing/shop.ts';
import type { Expected, Params } from '../testing/shop.ts';

const threeForFive: Params = { count: 3, setPriceMinor: 500 };
const threeForTwo: Params = { count: 3, free: 1 };

describe('mix-and-match', () => {
  it.each<[fact: string, params: Params, basket: Record<string, [units: number, each: number]>,
    expected: Expected]>([
    ['a set costs its price', threeForFive, { A: [3, 200] }, { net: 500 }],
    ['a set may mix', threeForFive, { A: [1, 300], B: [1, 200], C: [1, 100] }, { net: 500 }],
    ['too few units pay their own', threeForFive, { A: [2, 200] }, { net: 400, needs: 1 }],
    ['units beyond a set pay their own', threeForFive, { A: [4, 200] }, { net: 700 }],
    ['several sets are made', threeForFive, { A: [4, 200], B: [2, 300] }, { net: 1000 }],
    ['the dearest units make the sets', threeForFive, { A: [2, 100], B: [3, 300] }, { net: 700 }],
    ['a set dearer than its units is not made', threeForFive, { A: [3, 100] }, { net: 300 }],
    ['only the sets worth it are made', threeForFive, { A: [3, 300], B: [3, 100] }, { net: 800 }],
    ['a set as dear as its units is not made', threeForFive, { A: [1, 200], B: [2, 150] },
      { net: 500 }],
    ['sets of a whole shelf are no trouble', threeForFive, { A: [99_999, 200] },
      { net: 33_333 * 500 }],
    ['the cheapest of three is free', threeForTwo, { A: [1, 300], B: [1, 200], C: [1, 100] },
      { net: 500 }],
    ['two of three pay', threeForTwo, { A: [2, 300] }, { net: 600, needs: 1 }],
    ['each set has its own cheapest', threeForTwo, { A: [3, 300], B: [3, 100] }, { net: 800 }],
    ['a set may span products', threeForTwo, { A: [2, 300], B: [2, 200], C: [2, 100] },
      { net: 900 }],
    ['two of four may be free', { count: 4, free: 2 }, { A: [2, 300], B: [2, 100] }, { net: 600 }],
    ['free units of a whole shelf are no trouble', threeForTwo, { A: [99_999, 1] },
      { net: 66_666 }],
  ])('%s', (_fact, params, basket, expected) => {
    const priced = basketBy(
      [configured('mix-and-match@1', params)],
      Object.entries(basket).map(([sku, [quantity, unitPriceMinor]]) =>
        ({ sku, quantity, unitPriceMinor })),
    );

    expect(priced.totalMinor).toBe(expected.net);
    expect(priced.skipped[0]?.unitsNeeded).toBe(expected.needs);
    expect(priced.degraded).toBe(false);
  });
});

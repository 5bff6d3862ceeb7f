import { configured, item, lineBy } from '../testing/shop.ts';
import type { Expected, Params } from '../testing/shop.ts';

describe('fraction-from', () => {
  it.each<[fact: string, params: Params, quantity: number, each: number, expected: Expected]>([
    ['too few units are at list price', {}, 2, 1123, { net: 2246, needs: 1 }],
    ['enough units are rounded once, not one by one', {}, 3, 1123, { net: 2246 }],
    ['half a penny rounds up', { numerator: 1, denominator: 2 }, 3, 333, { net: 500 }],
    ['half a penny rounds to even', { numerator: 1, denominator: 2, rounding: 'half-even' },
      3, 335, { net: 502 }],
    ['half a penny rounds down', { numerator: 1, denominator: 2, rounding: 'down' },
      3, 333, { net: 499 }],
    ['nothing of it is free', { numerator: 0 }, 3, 1123, { net: 0 }],
    ['all of it is list price', { numerator: 3 }, 3, 1123, { net: 3369 }],
  ])('%s', (_fact, params, quantity, unitPriceMinor, expected) => {
    const fraction = configured(
      'fraction-from@1', { from: 3, numerator: 2, denominator: 3, ...params },
    );

    const line = lineBy([fraction], item(quantity, unitPriceMinor));

    expect(line.netMinor).toBe(expected.net);
    expect(line.skipped[0]?.unitsNeeded).toBe(expected.needs);
  });
});

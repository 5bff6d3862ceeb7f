import { configured, item, lineBy } from '../testing/shop.ts';
import type { Expected, Params } from '../testing/shop.ts';

describe('percent-off', () => {
  it.each<[fact: string, params: Params, quantity: number, each: number, expected: Expected]>([
    ['a tenth off', { percent: 10 }, 1, 1000, { net: 900 }],
    ['an eighth off, in decimals', { percent: 12.5 }, 1, 1000, { net: 875 }],
    ['a hundredth of a percent', { percent: 0.01 }, 1, 10_000, { net: 9_999 }],
    ['all of it off', { percent: 100 }, 3, 333, { net: 0 }],
    ['rounded once for the line', { percent: 10 }, 3, 115, { net: 311 }],
    ['rounded as asked', { percent: 10, rounding: 'down' }, 3, 115, { net: 310 }],
    ['too few units stay as they are', { percent: 10, from: 3 }, 1, 1000, { net: 1000, needs: 2 }],
    ['enough units are all reduced', { percent: 10, from: 3 }, 3, 1000, { net: 2700 }],
  ])('%s', (_fact, params, quantity, unitPriceMinor, expected) => {
    const line = lineBy([configured('percent-off@1', params)], item(quantity, unitPriceMinor));

    expect(line.netMinor).toBe(expected.net);
    expect(line.skipped[0]?.unitsNeeded).toBe(expected.needs);
  });
});

import { configured, item, lineBy } from '../testing/shop.ts';
import type { Expected } from '../testing/shop.ts';

describe('bulk-price', () => {
  it.each<[fact: string, quantity: number, unitPriceMinor: number, expected: Expected]>([
    ['one unit is at list price', 1, 500, { net: 500, needs: 2 }],
    ['two units are at list price', 2, 500, { net: 1000, needs: 1 }],
    ['three units are at the bulk price', 3, 500, { net: 1350 }],
    ['more units are at the bulk price', 7, 500, { net: 3150 }],
    ['a line that is as cheap stays as it is', 3, 450, { net: 1350 }],
    ['a line that is cheaper stays as it is', 3, 400, { net: 1200 }],
  ])('%s', (_fact, quantity, unitPriceMinor, expected) => {
    const bulk = configured('bulk-price@1', { from: 3, unitPriceMinor: 450 });

    const line = lineBy([bulk], item(quantity, unitPriceMinor));

    expect(line.netMinor).toBe(expected.net);
    expect(line.skipped[0]?.unitsNeeded).toBe(expected.needs);
    expect(line.skipped.length + line.adjustments.length).toBe(1);
  });
});

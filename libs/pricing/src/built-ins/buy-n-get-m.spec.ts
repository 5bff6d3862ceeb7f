import { configured, item, lineBy } from '../testing/shop.ts';
import type { Expected } from '../testing/shop.ts';

describe('buy-n-get-m', () => {
  it.each<[fact: string, offer: [number, number], quantity: number, expected: Expected]>([
    ['one of one pays', [1, 1], 1, { net: 311, needs: 1 }],
    ['two pay for one', [1, 1], 2, { net: 311 }],
    ['three pay for two', [1, 1], 3, { net: 622, needs: 1 }],
    ['ten pay for five', [1, 1], 10, { net: 1555 }],
    ['three for two gives the third', [2, 1], 3, { net: 622 }],
    ['three for two needs two more after one', [2, 1], 1, { net: 311, needs: 2 }],
    ['three for two needs two more after a whole set', [2, 1], 4, { net: 933, needs: 2 }],
    ['a set begun gives what is free of it already', [2, 2], 3, { net: 622, needs: 1 }],
    ['99,999 units are no trouble', [1, 1], 99_999, { net: 50_000 * 311, needs: 1 }],
  ])('%s', (_fact, [buy, free], quantity, expected) => {
    const line = lineBy([configured('buy-n-get-m@1', { buy, free })], item(quantity, 311));

    expect(line.netMinor).toBe(expected.net);
    expect(line.skipped.map((skip) => skip.unitsNeeded)).toEqual(
      expected.needs === undefined ? [] : [expected.needs],
    );
  });

  it('takes free units off at their price after earlier rules', () => {
    const half = configured('percent-off@1', { percent: 50 }, { name: 'half', priority: 1 });
    const bogof = configured('buy-n-get-m@1', { buy: 1, free: 1 }, { name: 'bogof' });

    expect(lineBy([bogof, half], item(2, 300)).netMinor).toBe(150);
  });
});

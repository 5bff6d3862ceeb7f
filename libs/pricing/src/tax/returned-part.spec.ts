import { returnedPart } from './returned-part.ts';

describe('a returned part', () => {
  const sold = { steps: 3, totalMinor: 1_000, taxMinor: 167 };

  it('is cumulative, so that all parts sum to the sale', () => {
    const first = returnedPart(sold, 1);
    const second = returnedPart(sold, 1, { steps: 1, ...first });
    const third = returnedPart(sold, 1, { steps: 2, totalMinor: first.totalMinor + second.totalMinor, taxMinor: first.taxMinor + second.taxMinor });

    expect([first, second, third]).toEqual([
      { totalMinor: 333, taxMinor: 56, netMinor: 277 }, { totalMinor: 334, taxMinor: 55, netMinor: 279 }, { totalMinor: 333, taxMinor: 56, netMinor: 277 },
    ]);
  });

  it('is refused beyond the sale', () => {
    expect(() => returnedPart(sold, 2, { steps: 2, totalMinor: 667, taxMinor: 111 })).toThrow(
      expect.objectContaining({ kind: 'rejected', code: 'return.too_much', details: { sold: 3, returnedBefore: 2, returned: 2 } }),
    );
  });

  it.each([0, -1, 0.5, NaN])('is refused for %d steps', (steps) => {
    expect(() => returnedPart(sold, steps)).toThrow(expect.objectContaining({ kind: 'invalid', code: 'return.operand' }));
  });
});

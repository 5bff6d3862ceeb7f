import { compareUtf8, shareAmong } from './sharing.ts';

describe('a sharing', () => {
  const at = '2026-12-01T08:00:00.000Z';
  const later = '2026-12-01T08:00:00.001Z';

  it('breaks ties by SKU in UTF-8, then by opening instant, never by position', () => {
    const lines = [
      { sku: '\u{1f34e}', openedAt: at, weight: 1 }, { sku: '\uff01', openedAt: at, weight: 1 }, { sku: 'B', openedAt: later, weight: 1 },
      { sku: 'B', openedAt: at, weight: 1 },
    ];

    expect([1, 2, 3].map((total) => shareAmong(total, lines))).toEqual([[0, 0, 0, 1], [0, 0, 1, 1], [0, 1, 1, 1]]);
    expect(shareAmong(-2, lines.toReversed())).toEqual([-1, -1, 0, 0]);
  });

  it('leaves out lines whose weight is not above 0', () => {
    expect(shareAmong(-10, [{ sku: 'A', openedAt: at, weight: -50 }, { sku: 'B', openedAt: at, weight: 0 }, { sku: 'C', openedAt: at, weight: 5 }])).toEqual([0, 0, -10]);
  });
});

describe('the order of UTF-8', () => {
  it('is that of the bytes', () => {
    const texts = ['', 'A', 'a', 'ab', 'é', 'z', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{1f34e}', 'a\u{10000}', 'a\uffff', '\u{1f34e}a', '\u{10ffff}'];

    for (const one of texts) {
      for (const other of texts) expect(Math.sign(compareUtf8(one, other))).toBe(Buffer.compare(Buffer.from(one), Buffer.from(other)));
    }
  });
});

import { basketBy, configured, item } from '../testing/shop.ts';
import type { Params } from '../testing/shop.ts';

describe('spend-x-save-y', () => {
  it.each<[fact: string, params: Params, spent: number, coupons: string[], total: number]>([
    ['saves nothing below the threshold', {}, 4_999, [], 4_999],
    ['saves at the threshold', {}, 5_000, [], 4_500],
    ['saves once', {}, 12_000, [], 11_500],
    ['saves at every multiple when it repeats', { repeat: true }, 12_000, [], 11_000],
    ['needs its coupon', { coupon: 'SPRING' }, 5_000, ['AUTUMN'], 5_000],
    ['takes its coupon', { coupon: 'SPRING' }, 5_000, ['AUTUMN', 'SPRING'], 4_500],
    ['stops at zero', { saveMinor: 9_000 }, 5_000, [], 0],
  ])('%s', (_fact, params, spentMinor, coupons, totalMinor) => {
    const save = configured('spend-x-save-y@1', { spendMinor: 5_000, saveMinor: 500, ...params });

    const basket = basketBy([save], [item(1, spentMinor)], coupons);

    expect(basket.totalMinor).toBe(totalMinor);
    expect(basket.skipped).toHaveLength(totalMinor === spentMinor ? 1 : 0);
  });

  it('never names a coupon to a basket without it', () => {
    const save = configured(
      'spend-x-save-y@1', { spendMinor: 1, saveMinor: 1, coupon: 'SPRING' },
    );

    expect(JSON.stringify(basketBy([save], [item(1, 100)]))).not.toContain('SPRING');
  });

  it('counts only lines in its scope', () => {
    const save = configured(
      'spend-x-save-y@1', { spendMinor: 500, saveMinor: 100 }, { scope: { categories: ['tea'] } },
    );

    const basket = basketBy([save], [
      item(1, 499, { sku: 'A', category: 'tea' }), item(1, 900, { sku: 'B' }),
    ]);

    expect(basket.totalMinor).toBe(1399);
  });
});

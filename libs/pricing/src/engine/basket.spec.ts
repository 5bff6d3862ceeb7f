import { at, basketBy, by, item, lineBy, strategy } from '../testing/shop.ts';
import { priceBasket } from './basket.ts';
import { createRuleSet } from './rule-set.ts';
import type { BasketInput, Item, Meta } from '../strategy.ts';

const basket: Partial<Meta> = { kind: 'basket' };
const abc: Item[] = [
  item(1, 100, { sku: 'C' }), item(2, 100, { sku: 'A' }), item(1, 300, { sku: 'B' }),
];

describe('priceBasket', () => {
  it('without basket rules is the sum of the lines, which it returns unchanged', () => {
    const lines = abc.map((line) => lineBy([by(-10)], line));

    const priced = priceBasket(createRuleSet(1, [by(-10)]), lines, [], at);

    expect(priced).toEqual({
      lines, adjustments: [], skipped: [], grossMinor: 600, totalMinor: 570, degraded: false,
    });
    expect(priced.lines).toBe(lines);
  });

  it('of nothing costs nothing, surcharges included', () => {
    const fee = by(250, { ...basket, surcharge: true });

    expect(basketBy([fee], [])).toMatchObject({ totalMinor: 0, adjustments: [] });
  });

  it('spreads a discount over the lines in proportion, and exactly', () => {
    const priced = basketBy([by(-100, basket)], abc);

    // 16.67, 33.33 and 50: the odd penny goes to the largest remainder.
    expect(priced.adjustments).toEqual([expect.objectContaining({
      amountMinor: -100, sharesMinor: [-17, -33, -50], strategy: 'rule', version: '1.0.0',
    })]);
    expect(priced.totalMinor).toBe(500);
  });

  it('shows strategies the lines by SKU, with their nets, sums and coupons, all frozen', () => {
    let seen: BasketInput | undefined;
    const spy = strategy(basket, (input) => {
      seen = input;
      return { adjustments: [] };
    });

    basketBy([by(-10, { name: 'line' }), spy], abc, ['SPRING']);

    expect(seen).toEqual({
      lines: [
        { sku: 'A', quantity: 2, unitPriceMinor: 100, netMinor: 190 },
        { sku: 'B', quantity: 1, unitPriceMinor: 300, netMinor: 290 },
        { sku: 'C', quantity: 1, unitPriceMinor: 100, netMinor: 90 },
      ],
      grossMinor: 600,
      netMinor: 570,
      coupons: ['SPRING'],
    });
    expect([seen, seen?.lines, seen?.lines[0], seen?.coupons].every(Object.isFrozen)).toBe(true);
  });

  it('gives each strategy the nets that earlier ones left', () => {
    const seen: number[][] = [];
    const spy = strategy({ ...basket, name: 'spy' }, ({ lines, netMinor }) => {
      seen.push([...lines.map((line) => line.netMinor), netMinor]);
      return { adjustments: [] };
    });

    basketBy([by(-300, { ...basket, name: 'first', priority: 1 }), spy], abc);

    expect(seen).toEqual([[100, 150, 50, 300]]);
  });

  it('shows and discounts only the lines in a scope', () => {
    const scoped = strategy({ ...basket, scope: { skus: ['A', 'C'] } }, ({ netMinor }) => (
      { adjustments: [{ code: 'x', amountMinor: -netMinor, message: 'free' }] }
    ));

    const priced = basketBy([scoped], abc);

    expect(priced.totalMinor).toBe(300);
    expect(priced.adjustments[0]?.sharesMinor).toEqual([-100, -200, 0]);
  });

  it('skips a strategy without products in the basket', () => {
    const elsewhere = by(-10, { ...basket, scope: { categories: ['tea'] } });

    expect(basketBy([elsewhere], abc)).toMatchObject({ totalMinor: 600, skipped: [] });
  });

  it('clamps at the price of the lines in scope', () => {
    const priced = basketBy([by(-9_999, { ...basket, scope: { skus: ['B'] } })], abc);

    expect(priced.totalMinor).toBe(300);
    expect(priced.adjustments[0]?.amountMinor).toBe(-300);
  });

  it('spreads a surcharge, also over free lines', () => {
    const free = by(-9_999, { name: 'free', scope: { skus: ['A', 'B', 'C'] } });
    const fee = by(60, { ...basket, name: 'fee', surcharge: true });

    const priced = basketBy([free, fee], abc);

    expect(priced.totalMinor).toBe(60);
    expect(priced.adjustments[0]?.sharesMinor).toEqual([10, 20, 30]);
  });

  it('never takes more off a line than it costs, under any surcharges', () => {
    const free = by(-300, { name: 'free', scope: { skus: ['B'] } });
    const both = strategy({ ...basket, name: 'both' }, () => ({ adjustments: [
      { code: 'off', amountMinor: -500, message: 'off' },
      { code: 'back', amountMinor: 300, message: 'back' },
    ] }));

    const { lines, adjustments, totalMinor } = basketBy([free, both], abc);

    const netsMinor = lines.map(({ netMinor }, at) =>
      adjustments.reduce((sum, { sharesMinor }) => sum + sharesMinor[at]!, netMinor));
    expect(totalMinor).toBe(100);
    expect(netsMinor).toEqual([33, 67, 0]);
  });

  it('keeps the best of a group, though its members see different lines', () => {
    const best: Partial<Meta> = { ...basket, stack: 'best-of', group: 'g' };
    const priced = basketBy([
      by(-50, { ...best, name: 'on-all' }),
      by(-60, { ...best, name: 'on-b', scope: { skus: ['B'] } }),
    ], abc);

    expect(priced.adjustments.map((adjustment) => adjustment.strategy)).toEqual(['on-b']);
    expect(priced.skipped.map(({ code }) => code)).toEqual(['best-of']);
  });

  it('is degraded when a line is, and when a basket strategy is', () => {
    const broken = (meta: Partial<Meta>) => strategy(meta, () => ({ adjustments: NaN }));

    expect(basketBy([broken({})], abc)).toMatchObject({ degraded: true, totalMinor: 600 });
    expect(basketBy([broken(basket)], abc)).toMatchObject({
      degraded: true, totalMinor: 600, skipped: [{ code: 'failed', strategy: 'rule' }],
    });
    expect(basketBy([by(-1, basket)], abc).degraded).toBe(false);
  });

  it('refuses a total that no number holds exactly', () => {
    const dear = ['A', 'B'].map((sku) => item(1, Number.MAX_SAFE_INTEGER, { sku }));

    expect(() => basketBy([], dear)).toThrow(
      expect.objectContaining({ kind: 'rejected', code: 'money.too-large' }),
    );
  });

  it('refuses a total that a surcharge on some of the lines brings out of the exact range', () => {
    const items = [item(1, Number.MAX_SAFE_INTEGER - 100, { sku: 'A' }), item(1, 100, { sku: 'B' })];
    const fee = by(1, { ...basket, surcharge: true, scope: { skus: ['B'] } });

    expect(basketBy([], items).totalMinor).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => basketBy([fee], items)).toThrow(expect.objectContaining({ code: 'money.too-large' }));
  });
});

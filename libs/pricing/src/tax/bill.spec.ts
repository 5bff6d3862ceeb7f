import { ROUNDINGS } from '@aisle/std';
import { billOf, type BasketAmount, type BillLine } from '../testing/bill.ts';
import { grossOf } from '../quantity/gross.ts';
import type { TaxRules } from './tax.ts';

const date = '2026-12-01';
const rules = (rates: Record<string, string>, more: Partial<TaxRules> = {}): TaxRules => ({
  pricesInclude: true, level: 'line', target: 'net', ...more,
  rates: Object.entries(rates).map(([category, rate]) => ({ category, rate, from: '2020-01-01' })),
});
const taxed = (lines: BillLine[], of: TaxRules) => billOf(lines, [], { taxes: { rules: of, date } });

describe('the taxes of a bill', () => {
  const twice: [unitPriceMinor: number, steps: number, taxCategory: string][] = [[2_890, 1, 'a'], [125, 1, 'b']];
  const odoo6224: [number, number, string][] = [[148, 4, 'a'], [152, 1, 'a'], [154, 1, 'a'], [39, 1, 'a']];

  it.each<[fact: string, goods: [number, number, string][], of: TaxRules, net: number, tax: number, total: number]>([
    ['19 % on top of 3 × 1.08, by line', [[108, 3, 'a']], rules({ a: '19' }, { pricesInclude: false }), 324, 62, 386],
    ['4 % in 2.99, net rounded', [[299, 1, 'a']], rules({ a: '4' }), 288, 11, 299],
    ['4 % in 2.99, tax rounded', [[299, 1, 'a']], rules({ a: '4' }, { target: 'tax' }), 287, 12, 299],
    ['22 % in 28.90 and 10 % in 1.25, by line', twice, rules({ a: '22', b: '10' }), 2_483, 532, 3_015],
    ['22 % in 28.90 and 10 % in 1.25, by rate', twice, rules({ a: '22', b: '10' }, { level: 'rate' }), 2_483, 532, 3_015],
    ['21 % in 2 × 3.15, 3.60 and 0.05', [[315, 2, 'a'], [360, 1, 'a'], [5, 1, 'a']], rules({ a: '21' }), 823, 172, 995],
    ['20 % in 8.01', [[801, 1, 'a']], rules({ a: '20' }), 668, 133, 801],
    ['20 % in 8.01, tax rounded', [[801, 1, 'a']], rules({ a: '20' }, { target: 'tax' }), 667, 134, 801],
    ['21 % on top, by line', odoo6224, rules({ a: '21' }, { pricesInclude: false }), 937, 196, 1_133],
    ['21 % on top, by rate', odoo6224, rules({ a: '21' }, { pricesInclude: false, level: 'rate' }), 937, 197, 1_134],
    ['20 % in 10 × 38.23', [[3_823, 10, 'a']], rules({ a: '20' }), 31_858, 6_372, 38_230],
    ['8.875 % on top of 10.00', [[1_000, 1, 'a']], rules({ a: '8.875' }, { pricesInclude: false }), 1_000, 89, 1_089],
    ['a rate of 0, which is known', [[1_000, 1, 'a']], rules({ a: '0' }), 1_000, 0, 1_000],
    ['20 % in nothing', [], rules({ a: '20' }), 0, 0, 0],
  ])('are %s', (_fact, goods, of, netMinor, taxMinor, totalMinor) => {
    const bill = taxed(goods.map(([unitPriceMinor, steps, taxCategory], index) => line({ sku: `P${index}`, unitPriceMinor, steps, taxCategory })), of);

    expect(bill.taxes).toMatchObject({ netMinor, taxMinor, totalMinor });
    expect(bill.totalMinor).toBe(totalMinor);
  });

  it('are summed up by rate, equal rates together', () => {
    const bill = taxed([
      line({ sku: 'A', unitPriceMinor: 2_890, taxCategory: 'standard' }), line({ sku: 'B', unitPriceMinor: 125, taxCategory: 'food' }),
      line({ sku: 'C', unitPriceMinor: 125, taxCategory: 'books' }),
    ], rules({ standard: '22', food: '10', books: '10.0' }));

    expect(bill.taxes?.rates).toEqual([
      { rate: '10', netMinor: 228, taxMinor: 22, totalMinor: 250 }, { rate: '22', netMinor: 2_369, taxMinor: 521, totalMinor: 2_890 },
    ]);
  });

  it('of a rate are shared to its lines by largest remainder', () => {
    const bill = taxed(odoo6224.map(([unitPriceMinor, steps, taxCategory], index) => line({ sku: `P${index}`, unitPriceMinor, steps, taxCategory })),
      rules({ a: '21' }, { pricesInclude: false, level: 'rate' }));

    expect(bill.taxes?.lines.map(({ taxMinor }) => taxMinor)).toEqual([125, 32, 32, 8]);
  });

  it('of a returned deposit are given back, also where the sum of a rate is 0', () => {
    const lines = [line({ sku: 'A', unitPriceMinor: 1_000, taxCategory: 'a' }), line({ sku: 'D', unitPriceMinor: 1_000, steps: -1, taxCategory: 'a', isDeposit: true })];

    for (const level of ['line', 'rate'] as const) {
      expect(taxed(lines, rules({ a: '20' }, { level })).taxes).toMatchObject({
        lines: [{ netMinor: 833, taxMinor: 167 }, { netMinor: -833, taxMinor: -167 }], netMinor: 0, taxMinor: 0, totalMinor: 0,
      });
    }
  });

  it('change with the day from which a rate is', () => {
    const dated: TaxRules = { ...rules({}), rates: [
      { category: 'a', rate: '16', from: '2020-07-01' }, { category: 'a', rate: '19', from: '2007-01-01' }, { category: 'a', rate: '19', from: '2021-01-01' },
    ] };
    const taxOn = (day: string) => billOf([line({ unitPriceMinor: 11_900, taxCategory: 'a' })], [], { taxes: { rules: dated, date: day } }).taxes?.taxMinor;

    expect(['2020-06-30', '2020-07-01', '2020-12-31', '2021-01-01'].map(taxOn)).toEqual([1_900, 1_641, 1_641, 1_900]);
    expect(() => taxOn('2006-12-31')).toThrow(expect.objectContaining({ kind: 'rejected', code: 'tax.rate_unknown', details: { category: 'a', date: '2006-12-31' } }));
  });

  it('are refused for a product whose category is unknown or absent, and never 0', () => {
    expect(() => taxed([line({ taxCategory: 'b' })], rules({ a: '20' }))).toThrow(expect.objectContaining({ code: 'tax.rate_unknown' }));
    expect(() => taxed([line({})], rules({ a: '20' }))).toThrow(expect.objectContaining({ code: 'tax.category_missing', details: { sku: 'A' } }));
  });

  it.each(['x', '', '-5', '1e2', '20%', '5.1234567'])('are refused at the rate %j', (rate) => {
    expect(() => taxed([line({ taxCategory: 'a' })], rules({ a: rate }))).toThrow(expect.objectContaining({ code: 'pricing.input' }));
  });
});

describe('the shares of a basket amount', () => {
  const percent = 15;
  const percentOff = (nets: number[], excluded = 0): BasketAmount[] => {
    const sum = nets.reduce((all, net) => all + net, 0) - excluded;
    return sum >= 10_000 ? [{ amountMinor: -sum * percent / 100, covers: ({ sku }) => sku !== 'X' }] : [];
  };

  it.each<[fact: string, lines: BillLine[], amounts: BasketAmount[], shares: number[], total: number]>([
    ['15 % off from 100 on 60 + 50', [line({ sku: 'A', unitPriceMinor: 6_000 }), line({ sku: 'B', unitPriceMinor: 5_000 })],
      percentOff([6_000, 5_000]), [-900, -750], 9_350],
    ['the same, with 10 off the first before', [line({ sku: 'A', unitPriceMinor: 6_000, adjustmentsMinor: [-1_000] }), line({ sku: 'B', unitPriceMinor: 5_000 })],
      percentOff([5_000, 5_000]), [-750, -750], 8_500],
    ['the same, with an excluded 40', [line({ sku: 'A', unitPriceMinor: 6_000 }), line({ sku: 'B', unitPriceMinor: 5_000 }), line({ sku: 'X', unitPriceMinor: 4_000 })],
      percentOff([6_000, 5_000, 4_000], 4_000), [-900, -750, 0], 13_350],
    ['156 off 190, 190, 250 and 150', [190, 190, 250, 150].map((unitPriceMinor, index) => line({ sku: `P${index}`, unitPriceMinor })),
      [{ amountMinor: -156 }], [-38, -38, -50, -30], 624],
    ['more than the lines cost', [line({ unitPriceMinor: 100 }), line({ sku: 'D', unitPriceMinor: 25, isDeposit: true })],
      [{ amountMinor: -500 }], [-100, 0], 25],
    ['a charge on top', [line({ unitPriceMinor: 100 }), line({ sku: 'B', unitPriceMinor: 200 })], [{ amountMinor: 60 }], [20, 40], 360],
  ])('are %s', (_fact, lines, amounts, shares, total) => {
    const bill = billOf(lines, amounts);

    expect(bill.lines.map(({ sharesMinor }) => sharesMinor[0] ?? 0)).toEqual(shares);
    expect(bill.totalMinor).toBe(total);
  });
});

describe('a line of a bill', () => {
  it('has the price of its label as its gross', () => {
    expect(billOf([line({ unitPriceMinor: 1_299, steps: 384, scale: 3, labelPriceMinor: 500 })], [])).toMatchObject({ lines: [{ grossMinor: 500 }], totalMinor: 500 });
  });

  it('never falls below 0, and a deposit is never discounted', () => {
    const bill = billOf([
      line({ unitPriceMinor: 100, adjustmentsMinor: [-60, -60] }), line({ sku: 'D', unitPriceMinor: 25, steps: -3, isDeposit: true, adjustmentsMinor: [-10] }),
    ], [{ amountMinor: -10 }]);

    expect(bill.lines.map(({ amountMinor }) => amountMinor)).toEqual([0, -75]);
    expect(bill.totalMinor).toBe(-75);
  });

  it.each(ROUNDINGS)('is rounded once, as the market rounds: %s', (rounding) => {
    const [gross] = billOf([line({ unitPriceMinor: 79, steps: 150, scale: 2 })], [], { rounding }).lines;

    expect(gross?.grossMinor).toBe(grossOf({ unitPriceMinor: 79, steps: 150, scale: 2 }, rounding));
    expect(gross?.grossMinor).toBe({ 'half-up': 119, 'half-even': 118, down: 118, up: 119 }[rounding]);
  });
});

function line(part: Partial<BillLine>): BillLine {
  return { sku: 'A', openedAt: '2026-12-01T08:00:00.000Z', unitPriceMinor: 1_000, steps: 1, scale: 0, ...part };
}

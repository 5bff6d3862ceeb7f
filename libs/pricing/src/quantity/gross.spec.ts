import { grossOf, settlementOf, shelfPriceOf, stepsOfPrice } from './gross.ts';
import type { Rounding } from '../strategy.ts';

describe('the gross of a line', () => {
  it.each<[unitPriceMinor: number, steps: number, scale: number, rounding: Rounding, gross: number]>([
    [79, 150, 2, 'half-up', 119], [79, 150, 2, 'half-even', 118], [79, 150, 2, 'down', 118], [79, 150, 2, 'up', 119],
    [1_299, 1_250, 3, 'half-up', 1_624], [1_299, 1_500, 3, 'half-up', 1_949], [1_299, 1_500, 3, 'half-even', 1_948],
    [311, 3, 0, 'half-up', 933], [25, -2, 0, 'half-up', -50], [0, 99_999, 3, 'up', 0],
    [90_000_000_000, 99_999_000, 3, 'half-up', 8_999_910_000_000_000],
  ])('%d × %d steps at scale %d, rounded %s, is %d', (unitPriceMinor, steps, scale, rounding, gross) => {
    expect(grossOf({ unitPriceMinor, steps, scale }, rounding)).toBe(gross);
  });

  it('is refused where no number holds it exactly', () => {
    expect(() => grossOf({ unitPriceMinor: 100_000_000_000, steps: 99_999_000, scale: 3 })).toThrow(expect.objectContaining({ code: 'money.too-large' }));
  });
});

describe('a settlement by weight', () => {
  it('gives back 8 for 1.90 lb in place of 2.00 lb at 0.79', () => {
    expect(settlementOf({ unitPriceMinor: 79, steps: 200, scale: 2 }, 190)).toEqual({ steps: -10, amountMinor: -8 });
  });

  it('gives back 12 for three apples of nominally 0.40 lb at 2.00, that weigh 1.14 lb', () => {
    const nominal = { unitPriceMinor: 200, steps: 3 * 40, scale: 2 };

    expect(grossOf(nominal)).toBe(240);
    expect(settlementOf(nominal, 114)).toEqual({ steps: -6, amountMinor: -12 });
  });
});

describe('the price of a label', () => {
  it('stands for the nearest steps, for the stock', () => {
    expect(stepsOfPrice(500, { unitPriceMinor: 1_299, scale: 3 })).toBe(385);
    expect(stepsOfPrice(500, { unitPriceMinor: 0, scale: 3 })).toBeUndefined();
  });
});

describe('the unit price of the shelf', () => {
  const gram = 1_000_000_000;
  const kilogram = 1_000 * gram;

  it.each<[fact: string, priceMinor: number, content: Parameters<typeof shelfPriceOf>[1], perUnit: number]>([
    ['of 500 g at 1.99, for a kilogram', 199, { steps: 500, scale: 0, unitSize: gram, perSize: kilogram }, 398],
    ['of 0.330 l at 0.89, for a litre', 89, { steps: 330, scale: 3, unitSize: 10 ** 13, perSize: 10 ** 13 }, 270],
    ['of 1 lb at 3.99, for a kilogram', 399, { steps: 1, scale: 0, unitSize: 453_592_370_000, perSize: kilogram }, 880],
    ['of six pieces at 2.00, for one', 200, { steps: 6, scale: 0, unitSize: 1, perSize: 1 }, 33],
  ])('%s', (_fact, priceMinor, content, perUnit) => {
    expect(shelfPriceOf(priceMinor, content)).toBe(perUnit);
  });
});

import { grossOf } from './gross.ts';
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

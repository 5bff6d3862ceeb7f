import { Unit, measureText, stepsOf, unitFacts, type UnitCode } from './unit.ts';

describe('a unit', () => {
  it.each([['C62', 0], ['KGM', 3], ['LBR', 2], ['LTR', 3], ['MTR', 2]])('may be %s at scale %d', (code, scale) => {
    expect(Unit.safeParse({ code, scale }).success).toBe(true);
  });

  it.each([[{ code: 'KG', scale: 3 }], [{ code: 'kgm', scale: 3 }], [{ code: 'KGM', scale: 4 }], [{ code: 'KGM', scale: -1 }],
    [{ code: 'KGM', scale: 1.5 }], [{ code: 'KGM' }], [{ code: 'KGM', scale: 3, name: 'kg' }], [{ code: 'toString', scale: 0 }]])('may not be %j', (unit) => {
    expect(Unit.safeParse(unit).success).toBe(false);
  });

  it.each<[a: UnitCode, times: number, b: UnitCode]>([
    ['LBR', 16, 'ONZ'], ['GLL', 128, 'OZA'], ['GLI', 160, 'OZI'], ['GLL', 4, 'QTL'], ['QTL', 2, 'PTL'], ['FOT', 12, 'INH'], ['YRD', 3, 'FOT'],
    ['KGM', 1_000, 'GRM'], ['LTR', 1_000, 'MLT'], ['MTQ', 1_000, 'LTR'], ['MTR', 100, 'CMT'],
  ])('%s is exactly %d %s', (a, times, b) => {
    expect(BigInt(unitFacts(a).size)).toBe(BigInt(times) * BigInt(unitFacts(b).size));
  });
});

describe('a measure', () => {
  it.each<[steps: number, unit: Unit, text: string]>([
    [1_500, { code: 'KGM', scale: 3 }, '1.500 kg'], [5, { code: 'KGM', scale: 3 }, '0.005 kg'], [-190, { code: 'LBR', scale: 2 }, '-1.90 lb'],
    [3, { code: 'C62', scale: 0 }, '3'], [2, { code: 'MTR', scale: 0 }, '2 m'], [0, { code: 'LTR', scale: 1 }, '0.0 l'],
  ])('of %d steps of %j reads %s', (steps, unit, text) => {
    expect(measureText(steps, unit)).toBe(text);
  });
});

describe('a decimal number', () => {
  it.each([
    [{ digits: 1_500, decimals: 3 }, 3, 1_500], [{ digits: 521, decimals: 1 }, 3, 52_100], [{ digits: 1_500, decimals: 3 }, 2, 150],
    [{ digits: 1_505, decimals: 3 }, 2, undefined], [{ digits: 0, decimals: 3 }, 0, 0],
  ])('%j is, at scale %d, %s steps', (number, scale, steps) => {
    expect(stepsOf(number, { code: 'KGM', scale })).toBe(steps);
  });
});

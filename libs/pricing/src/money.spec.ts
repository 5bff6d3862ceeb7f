import { allocate, mulDiv } from './money.ts';
import type { Rounding } from './strategy.ts';

const max = Number.MAX_SAFE_INTEGER;

describe('mulDiv', () => {
  it.each<[amount: number, by: [number, number], rounding: Rounding, result: number]>([
    [3369, [2, 3], 'half-up', 2246],
    [5, [1, 2], 'half-up', 3],
    [-5, [1, 2], 'half-up', -3],
    [5, [1, 2], 'half-even', 2],
    [7, [1, 2], 'half-even', 4],
    [-5, [1, 2], 'half-even', -2],
    [5, [1, 3], 'down', 1],
    [-5, [1, 3], 'down', -1],
    [4, [1, 3], 'up', 2],
    [-4, [1, 3], 'up', -2],
    [-1, [1, 3], 'half-up', 0],
    [max, [max, max], 'half-up', max],
    [max, [2, 3], 'half-up', 6_004_799_503_160_661],
  ])('%d × %j rounded %s is %d', (amount, [numerator, denominator], rounding, result) => {
    expect(mulDiv(amount, numerator, denominator, rounding)).toBe(result);
  });

  it('refuses a result that no number holds exactly', () => {
    expect(() => mulDiv(max, 2, 1)).toThrow(
      expect.objectContaining({ kind: 'rejected', code: 'money.too-large' }),
    );
  });

  it.each([
    ['a fraction', [1.5, 1, 1]],
    ['what is not a number', [NaN, 1, 1]],
    ['a number that is not exact', [2 ** 53, 1, 1]],
    ['division by zero', [1, 1, 0]],
    ['division by less than zero', [1, 1, -1]],
    ['a text', ['1' as unknown as number, 1, 1]],
  ])('refuses %s', (_what, [amount, numerator, denominator]) => {
    expect(() => mulDiv(amount!, numerator!, denominator!)).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'money.operand' }),
    );
  });

  it('refuses a rounding it does not know', () => {
    expect(() => mulDiv(1, 1, 2, 'sideways' as Rounding)).toThrow(
      expect.objectContaining({ code: 'money.operand' }),
    );
  });
});

describe('allocate', () => {
  it.each<[fact: string, total: number, weights: number[], parts: number[]]>([
    ['splits in proportion', 100, [1, 3], [25, 75]],
    ['gives the odd unit to the largest remainder', 100, [1, 1, 4], [17, 17, 66]],
    ['gives the odd unit to the earlier of equals', 100, [1, 1, 1], [34, 33, 33]],
    ['mirrors a total below zero', -100, [1, 1, 1], [-34, -33, -33]],
    ['leaves a zero weight out', 10, [0, 1], [0, 10]],
    ['takes weights that are all zero for equal', 3, [0, 0], [2, 1]],
    ['splits nothing over nobody', 0, [], []],
    ['is exact beyond what products of numbers hold', max, [max - 1, 1], [max - 1, 1]],
  ])('%s', (_fact, total, weights, parts) => {
    expect(allocate(total, weights)).toEqual(parts);
  });

  it.each<[what: string, total: number, weights: number[]]>([
    ['a total with nobody to carry it', 1, []],
    ['a weight below zero', 1, [2, -1]],
    ['a fractional weight', 1, [0.5, 0.5]],
    ['a total that is not whole', 0.5, [1]],
  ])('refuses %s', (_what, total, weights) => {
    expect(() => allocate(total, weights)).toThrow(
      expect.objectContaining({ kind: 'invalid', code: 'money.operand' }),
    );
  });

  it('refuses weights whose sum no number holds exactly', () => {
    expect(() => allocate(1, [max, max])).toThrow(
      expect.objectContaining({ code: 'money.too-large' }),
    );
  });
});

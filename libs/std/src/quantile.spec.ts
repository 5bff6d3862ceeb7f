import { quantile } from './quantile.ts';

describe('quantile', () => {
  const samples = [30, 9, 10, 20];

  it.each([
    [0, 9],
    [0.25, 10],
    [0.5, 20],
    [0.99, 30],
    [1, 30],
  ])('gives the nearest rank at %d', (share, expected) => {
    expect(quantile(samples, share)).toBe(expected);
  });

  it('leaves the samples as they are', () => {
    quantile(samples, 0.5);

    expect(samples).toEqual([30, 9, 10, 20]);
  });

  it('is undefined without samples', () => {
    expect(quantile([], 0.5)).toBeUndefined();
  });
});

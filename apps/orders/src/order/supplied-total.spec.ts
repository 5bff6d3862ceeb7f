import { suppliedTotalMinor } from './supplied-total.ts';

describe('what a partial order costs', () => {
  it.each([
    ['all of it', 1_000, [[2, 0, 400], [1, 0, 600]], 1_000],
    ['a line less', 1_000, [[2, 0, 400], [1, 1, 600]], 400],
    ['half a line', 1_000, [[2, 1, 400], [1, 0, 600]], 800],
    ['a third, rounded down', 1_000, [[3, 2, 1_000]], 333],
    ['its part of what the whole was made cheaper by', 900, [[1, 0, 500], [1, 1, 500]], 450],
    ['nothing', 1_000, [[1, 1, 1_000]], 0],
    ['nothing, of what costs nothing', 0, [[2, 1, 0]], 0],
    ['no penny lost by a division', 999, [[3, 1, 999]], 666],
  ])('is %s', (_what, total, lines, supplied) => {
    const withMissing = lines.map(([quantity = 0, missing = 0, netMinor = 0]) => ({ quantity, missing, netMinor }));

    expect(suppliedTotalMinor(total, withMissing)).toBe(supplied);
  });
});

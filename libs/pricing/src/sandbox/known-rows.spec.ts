import { KnownRows } from './known-rows.ts';

describe('KnownRows', () => {
  it('sends a row once, and of a basket only the changes to the last one', () => {
    const known = new KnownRows();

    expect(deltaOf(known, ['a', 'b', 'c'], [1, 2, 3])).toEqual({
      length: 3, base: 0, fresh: ['a', 'b', 'c'], patches: [[0, 0, 1], [1, 1, 2], [2, 2, 3]],
    });
    expect(deltaOf(known, ['a', 'b', 'c'], [1, 2, 3])).toEqual({ length: 3, base: 3, fresh: [], patches: [] });
    expect(deltaOf(known, ['a', 'd', 'c'], [1, 2, 5])).toEqual({
      length: 3, base: 3, fresh: ['d'], patches: [[1, 3, 2], [2, 2, 5]],
    });
  });

  it('sends the positions of known rows when lines come and go', () => {
    const known = new KnownRows();
    deltaOf(known, ['a', 'b', 'c'], [1, 1, 1]);

    expect(deltaOf(known, ['b', 'c'], [1, 1])).toMatchObject({ length: 2, fresh: [], patches: [[0, 1, 1], [1, 2, 1]] });
    expect(deltaOf(known, ['b', 'c', 'a'], [1, 1, 1])).toMatchObject({ length: 3, fresh: [], patches: [[2, 0, 1]] });
  });

  it('passes on the own fields of a basket', () => {
    const { text } = new KnownRows().deltaOf(`[10,9,["SAVE"]]\n[9]\n"a"`);

    expect(JSON.parse(text)).toEqual([[10, 9, ['SAVE']], 1, 0, ['a']]);
  });

  it('sends a basket without lines', () => {
    const known = new KnownRows();
    deltaOf(known, ['a'], [1]);

    expect(deltaOf(known, [], [])).toEqual({ length: 0, base: 1, fresh: [], patches: [] });
  });

  it('starts again at its bound', () => {
    const known = new KnownRows();
    const many = Array.from({ length: 4_096 }, (_, index) => `row ${index}`);
    deltaOf(known, many, many.map(() => 1));

    const next = deltaOf(known, ['row 1', 'other'], [1, 1]);

    expect(next).toEqual({ length: 2, base: 0, fresh: ['row 1', 'other'], patches: [[0, 0, 1], [1, 1, 1]] });
  });
});

function deltaOf(known: KnownRows, rows: readonly string[], nets: readonly number[]): object {
  const texts = rows.map((row) => JSON.stringify(row));
  const { text, patches: flat } = known.deltaOf(['[0,0,[]]', JSON.stringify(nets), ...texts].join('\n'));
  const [, length, base, fresh] = JSON.parse(text) as [unknown, number, number, string[]];
  const patches = Array.from({ length: flat.length / 3 }, (_, index) => [...flat.slice(index * 3, index * 3 + 3)]);
  return { length, base, fresh, patches };
}

import { avalanche, fnv1a } from './fnv1a.ts';

describe('fnv1a', () => {
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('hashes %j to the value of the reference implementation', (text, expected) => {
    expect(fnv1a(text)).toBe(expected);
  });

  it('gives another hash for each seed', () => {
    const hashes = new Set([0, 1, 2, 3].map((seed) => fnv1a('foobar', seed)));

    expect(hashes.size).toBe(4);
  });
});

describe('avalanche', () => {
  it.each([
    [0, 0],
    [1, 0x514e28b7],
    [0xffffffff, 0x81f16f39],
  ])('turns %d into the value of MurmurHash3', (hash, expected) => {
    expect(avalanche(hash)).toBe(expected);
  });
});

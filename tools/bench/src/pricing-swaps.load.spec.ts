import { runQuick } from './testing/run-script.ts';

interface Found {
  readonly looks: readonly { readonly swaps: number; readonly heapMib: number; readonly swapMs: number }[];
}

describe('a shop whose rules change all the time', () => {
  it('is measured from the first swap to the last', async () => {
    const { found, stdout } = await runQuick<Found>('pricing-swaps.ts');

    expect(found.looks.map(({ swaps }) => swaps)).toEqual([1, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40]);
    for (const { heapMib } of found.looks) expect(heapMib).toBeGreaterThan(0);
    expect(stdout).toMatch(/growth of both basket-servers from 1 to 40 swaps, MiB, at most 64: /);
  });
});

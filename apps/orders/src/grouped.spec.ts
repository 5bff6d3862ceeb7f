import { systemRuntime } from '@aisle/std';
import { Grouped } from './grouped.ts';

describe('what is done in groups', () => {
  it('does together what comes while a group is under way, in its order', async () => {
    const groups: (readonly number[])[] = [];
    const grouped = groupedBy(async (items) => {
      groups.push(items);
      return items.map((item) => item * 2);
    });

    const first = grouped.run(1);
    const results = await Promise.all([first, grouped.run(2), first.then(() => grouped.run(3))]);

    expect([results, groups]).toEqual([[2, 4, 6], [[1, 2], [3]]]);
  });

  it('takes no more into a group than fit', async () => {
    const sizes: number[] = [];
    const grouped = groupedBy(async (items) => {
      sizes.push(items.length);
      return items;
    });

    await Promise.all(Array.from({ length: 10 }, (_, item) => grouped.run(item)));

    expect(sizes).toEqual([4, 4, 2]);
  });

  it('fails alone what cannot be done, and does the others', async () => {
    const grouped = groupedBy(async (items) => {
      if (items.includes(2)) throw new Error('two');
      return items;
    });

    const results = await Promise.allSettled([1, 2, 3].map((item) => grouped.run(item)));

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('finds what cannot be done by halves: the others wait for a few tries, not for one each', async () => {
    let tries = 0;
    const grouped = groupedBy(async (items) => {
      tries += 1;
      if (items.includes(300)) throw new Error('300');
      return items;
    }, 512);

    const results = await Promise.allSettled(Array.from({ length: 512 }, (_, item) => grouped.run(item)));

    expect(results.flatMap(({ status }, item) => (status === 'rejected' ? [item] : []))).toEqual([300]);
    expect(tries).toBeLessThanOrEqual(1 + 2 * Math.log2(512));
  });

  it('fails all with what concerns all, and tries once', async () => {
    let tries = 0;
    const grouped = groupedBy(async () => {
      tries += 1;
      throw new Error('away');
    });

    const results = await Promise.allSettled([1, 2].map((item) => grouped.run(item)));

    expect([results.map(({ status }) => status), tries]).toEqual([['rejected', 'rejected'], 1]);
  });
});

function groupedBy(run: (items: readonly number[]) => Promise<readonly number[]>, itemsMax = 4): Grouped<number, number> {
  const concernsAll = (failure: unknown): boolean => (failure as Error).message === 'away';
  return new Grouped({ runtime: systemRuntime, run, concernsAll, itemsMax });
}

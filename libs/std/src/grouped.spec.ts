import { Grouped, type GroupedOptions } from './grouped.ts';
import { systemRuntime } from './runtime.ts';

describe('Grouped', () => {
  it('runs items that arrive while a group is under way as the next group, in order', async () => {
    const groups: (readonly number[])[] = [];
    const grouped = groupedBy(async (items) => {
      groups.push(items);
      return items.map((item) => item * 2);
    });

    const first = grouped.run(1);
    const results = await Promise.all([first, grouped.run(2), first.then(() => grouped.run(3))]);

    expect([results, groups]).toEqual([[2, 4, 6], [[1, 2], [3]]]);
  });

  it('takes no more items into a group than the limit', async () => {
    const sizes: number[] = [];
    const grouped = groupedBy(async (items) => {
      sizes.push(items.length);
      return items;
    });

    await Promise.all(Array.from({ length: 10 }, (_, item) => grouped.run(item)));

    expect(sizes).toEqual([4, 4, 2]);
  });

  it('bounds the total size of a group, but takes a single larger item', async () => {
    const groups: (readonly number[])[] = [];
    const grouped = groupedBy(async (items) => {
      groups.push(items);
      return items;
    }, { sizeOf: (item) => item, sizeMax: 10 });

    const all = [4, 6, 1, 25, 2].map((item) => grouped.run(item));
    expect([grouped.waiting, grouped.waitingSize]).toEqual([5, 38]);
    await Promise.all(all);

    expect(groups).toEqual([[4, 6], [1], [25], [2]]);
    expect([grouped.waiting, grouped.waitingSize]).toEqual([0, 0]);
  });

  it('fails a bad item alone and runs the others', async () => {
    const grouped = groupedBy(async (items) => {
      if (items.includes(2)) throw new Error('two');
      return items;
    });

    const results = await Promise.allSettled([1, 2, 3].map((item) => grouped.run(item)));

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('finds a bad item by halves, so the others wait for few tries', async () => {
    let tries = 0;
    const grouped = groupedBy(async (items) => {
      tries += 1;
      if (items.includes(300)) throw new Error('300');
      return items;
    }, { itemsMax: 512 });

    const results = await Promise.allSettled(Array.from({ length: 512 }, (_, item) => grouped.run(item)));

    expect(results.flatMap(({ status }, item) => (status === 'rejected' ? [item] : []))).toEqual([300]);
    expect(tries).toBeLessThanOrEqual(1 + 2 * Math.log2(512));
  });

  it('fails all items of a group with a failure that concerns all, and tries once', async () => {
    let tries = 0;
    const grouped = groupedBy(async () => {
      tries += 1;
      throw new Error('away');
    });

    const results = await Promise.allSettled([1, 2].map((item) => grouped.run(item)));

    expect([results.map(({ status }) => status), tries]).toEqual([['rejected', 'rejected'], 1]);
  });
});

function groupedBy(
  run: (items: readonly number[]) => Promise<readonly number[]>, limits: Partial<GroupedOptions<number, number>> = { itemsMax: 4 },
): Grouped<number, number> {
  const concernsAll = (failure: unknown): boolean => (failure as Error).message === 'away';
  return new Grouped({ runtime: systemRuntime, run, concernsAll, ...limits });
}

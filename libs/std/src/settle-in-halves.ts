/**
 * Runs a batch in which one bad item may fail all. A part that fails is run again in halves, in order, until each
 * failure belongs to one item. A call of `run` takes effect for its whole part or not at all, and answers in order.
 * With n items, each bad one costs at most 2·log2(n) further calls. A failure for which `concernsAll` is true ends the
 * run and fails all open items.
 */
export async function settleInHalves<T, R>(
  items: readonly T[],
  run: (part: readonly T[]) => Promise<readonly R[]>,
  concernsAll: (failure: unknown) => boolean = () => false,
): Promise<PromiseSettledResult<R>[]> {
  const settled: PromiseSettledResult<R>[] = [];
  const open: (readonly T[])[] = items.length > 0 ? [items] : [];
  for (let part = open.pop(); part; part = open.pop()) {
    try {
      const results = await run(part);
      settled.push(...part.map((_, index) => ({ status: 'fulfilled' as const, value: results[index] as R })));
    } catch (reason) {
      const middle = part.length >>> 1;
      if (concernsAll(reason)) return [...settled, ...items.slice(settled.length).map(() => ({ status: 'rejected' as const, reason }))];
      if (middle === 0) settled.push({ status: 'rejected', reason });
      else open.push(part.slice(middle), part.slice(0, middle));
    }
  }
  return settled;
}

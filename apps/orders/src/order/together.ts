import { Grouped, isFailure, type Runtime } from '@aisle/std';

/** Runs a function of many items for one: items that come while others are under way go together. */
export function together<T, R>(
  runtime: Pick<Runtime, 'defer'>, run: (items: readonly T[]) => Promise<readonly R[]>,
): (item: T) => Promise<R> {
  const grouped = new Grouped<T, R>({ runtime, run, concernsAll: (failure) => isFailure(failure) && failure.kind === 'unavailable' });
  return (item) => grouped.run(item);
}

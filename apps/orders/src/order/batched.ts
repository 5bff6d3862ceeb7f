import { Grouped, isFailure, type Runtime } from '@aisle/std';

/** Makes a function of many items callable with one. Items that come during a run are batched into the next one. */
export function batched<T, R>(
  runtime: Pick<Runtime, 'defer'>, run: (items: readonly T[]) => Promise<readonly R[]>,
): (item: T) => Promise<R> {
  const grouped = new Grouped<T, R>({ runtime, run, concernsAll: (failure) => isFailure(failure) && failure.kind === 'unavailable' });
  return (item) => grouped.run(item);
}

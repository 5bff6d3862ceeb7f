import { Pace, type Runtime } from '@aisle/std';
import type { Choice, Line } from '../basket/basket.ts';
import type { Pricer } from './pricer.ts';

/** Lines of a slice; they ask their scripts together. */
const LINES_AT_ONCE = 25;

/** Maps lines in slices, in their order, and serves others between them. Rejects as `each` does. */
export async function paced<T, R>(lines: readonly T[], runtime: Runtime, each: (line: T) => Promise<R>): Promise<R[]> {
  if (lines.length <= LINES_AT_ONCE) return Promise.all(lines.map(each));
  const pace = new Pace(runtime);
  const mapped: R[] = [];
  while (mapped.length < lines.length) {
    if (pace.isOver) await pace.rest();
    const slice = lines.slice(mapped.length, mapped.length + LINES_AT_ONCE);
    mapped.push(...await Promise.all(slice.map(each)));
  }
  return mapped;
}

/** Prices lines, and serves others between slices of them. Throws `ProductFailure.unknown`. */
export function pacedLines(pricer: Pricer, wanted: Iterable<readonly [string, Choice]>, runtime: Runtime): Promise<Line[]> {
  return paced([...wanted], runtime, async ([sku, choice]) => pricer.line(sku, choice));
}

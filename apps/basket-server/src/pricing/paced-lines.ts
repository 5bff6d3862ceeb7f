import type { Choice } from '@aisle/contracts';
import { Pace, type Runtime } from '@aisle/std';
import type { Line } from '../basket/basket.ts';
import type { Pricer } from './pricer.ts';

/** The number of lines in a slice. Lines of one slice ask scripts in one batch. */
const LINES_AT_ONCE = 25;

/** Maps lines in slices, in order, and lets other work run between slices. Rejects as `each` does. */
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

/** Prices lines in slices, and lets other work run in between. Rejects with `ProductFailure.unknown`. */
export function pacedLines(pricer: Pricer, wanted: Iterable<readonly [string, Choice]>, runtime: Runtime): Promise<Line[]> {
  return paced([...wanted], runtime, async ([sku, choice]) => pricer.line(sku, choice));
}

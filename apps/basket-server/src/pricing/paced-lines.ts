import { Pace, type Runtime } from '@aisle/std';
import type { Choice, Line } from '../basket/basket.ts';
import type { Pricer } from './pricer.ts';

/** Lines of a slice; they ask their scripts together. */
const LINES_AT_ONCE = 25;

/** Prices lines, and serves others between slices of them. Throws `ProductUnknown`. */
export async function pacedLines(pricer: Pricer, wanted: Iterable<readonly [string, Choice]>, runtime: Runtime): Promise<Line[]> {
  const choices = [...wanted];
  const pace = new Pace(runtime);
  const lines: Line[] = [];
  while (lines.length < choices.length) {
    const slice = choices.slice(lines.length, lines.length + LINES_AT_ONCE);
    lines.push(...await Promise.all(slice.map(async ([sku, choice]) => pricer.line(sku, choice))));
    if (pace.isOver) await pace.rest();
  }
  return lines;
}

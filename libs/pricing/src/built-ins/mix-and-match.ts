import { applied, basketBuiltIn, notApplied, stepsPerUnit } from './definition.ts';
import type { LineInput, MoneyMath } from '../strategy.ts';

/** Any `count` units of the products in scope: at a price for the set, or with the cheapest ones free. */
type MixAndMatchParams =
  | { readonly count: number; readonly setPriceMinor: number }
  | { readonly count: number; readonly free: number };

const CODE = 'mix-and-match';

/**
 * Sets are made of the dearest units first, which is best for the shopper. A set that is cheaper without the offer is
 * not made. Goods by measure have no units, and are in no set. The cost of a line's units is taken from its net at once, so a line is rounded once.
 */
export const mixAndMatch = basketBuiltIn<MixAndMatchParams>({
  read(params) {
    const count = params.integer('count', 2);
    if (!params.has('free')) {
      return { count, setPriceMinor: params.amount('setPriceMinor', 0) };
    }
    if (params.has('setPriceMinor')) params.refuse('free', 'either free or setPriceMinor', 0);
    const free = params.integer('free', 1);
    if (free >= count) params.refuse('free', 'fewer than count', 0);
    return { count, free };
  },
  price({ lines }, params, { money }) {
    const shelf = new Shelf(lines.filter((line) => stepsPerUnit(line) === 1), money);
    const { count } = params;
    const missing = count - (shelf.units % count);
    const setsMax = Math.floor(shelf.units / count);
    if (setsMax === 0) return notApplied(CODE, `${missing} more make a set of ${count}`, missing);
    if ('free' in params) {
      const units = setsMax * params.free;
      const amountMinor = -shelf.cheapestOfSetsMinor(setsMax, params);
      return applied(CODE, amountMinor, units, `${params.free} of every ${count} free`);
    }

    const { setPriceMinor } = params;
    const sets = setsWorthMaking(shelf, setsMax, count, setPriceMinor);
    const units = sets * count;
    const amountMinor = money.mulDiv(setPriceMinor, sets, 1) - shelf.dearestMinor(units);
    if (amountMinor >= 0) return notApplied(CODE, 'the units are as cheap without a set');
    return applied(CODE, amountMinor, units, `${sets} × ${count} at a set price`);
  },
});

interface Run {
  readonly line: LineInput;
  /** The number of units before it, and their cost. */
  readonly start: number;
  readonly costBeforeMinor: number;
}

/** All units side by side, dearest first, without listing them one by one. */
class Shelf {
  readonly units: number;
  private readonly runs: readonly Run[];
  private readonly money: MoneyMath;

  constructor(lines: readonly LineInput[], money: MoneyMath) {
    this.money = money;
    let start = 0;
    let costBeforeMinor = 0;
    this.runs = [...lines].sort(dearestFirst).map((line) => {
      const run = { line, start, costBeforeMinor };
      start += line.quantity;
      costBeforeMinor += line.netMinor;
      return run;
    });
    this.units = start;
  }

  /** The cost of the first `units`. */
  dearestMinor(units: number): number {
    const last = this.runs.findLast(({ start }) => start < units);
    return last ? last.costBeforeMinor + this.costMinor(last.line, units - last.start) : 0;
  }

  /** The cost of the last `free` units of each of the first sets. */
  cheapestOfSetsMinor(sets: number, { count, free }: { count: number; free: number }): number {
    const freeBefore = (place: number): number => {
      const within = Math.min(place, sets * count);
      const begun = within % count;
      return ((within - begun) / count) * free + Math.max(0, begun - (count - free));
    };
    let costMinor = 0;
    for (const { start, line } of this.runs) {
      costMinor += this.costMinor(line, freeBefore(start + line.quantity) - freeBefore(start));
    }
    return costMinor;
  }

  private costMinor(line: LineInput, units: number): number {
    return this.money.mulDiv(line.netMinor, units, line.quantity);
  }
}

// Each further set is worth no more than the one before, so bisection finds the last one worth making.
function setsWorthMaking(
  shelf: Shelf, setsMax: number, count: number, setPriceMinor: number,
): number {
  const worthMinor = (set: number): number =>
    shelf.dearestMinor((set + 1) * count) - shelf.dearestMinor(set * count);
  let made = 0;
  let notMade = setsMax;
  while (made < notMade) {
    const middle = Math.floor((made + notMade) / 2);
    if (worthMinor(middle) > setPriceMinor) made = middle + 1;
    else notMade = middle;
  }
  return made;
}

// Unit prices are compared by cross-multiplication, since nets need not divide by their quantities.
function dearestFirst(a: LineInput, b: LineInput): number {
  const difference = b.netMinor * a.quantity - a.netMinor * b.quantity;
  return difference || (a.sku < b.sku ? -1 : 1);
}

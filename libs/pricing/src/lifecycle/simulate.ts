import { askBasket } from '../engine/basket.ts';
import { askLines } from '../engine/line.ts';
import { MoneyFailure } from '../failures.ts';
import type { Item, PricingContext } from '../strategy.ts';
import type { RuleSet } from '../engine/rule-set.ts';
import type { PricedBasket } from '../engine/priced.ts';

/** A basket to be priced: recorded or made up. */
export interface SampleBasket {
  /** The canary key. Without one no canary applies. */
  readonly key?: string | undefined;
  readonly items: readonly Item[];
  readonly coupons: readonly string[];
  readonly context: PricingContext;
}

/** The number of baskets whose totals differ by `fromMinor` to `toMinor`, both inclusive. */
export interface DifferenceBin {
  readonly fromMinor: number;
  readonly toMinor: number;
  readonly baskets: number;
}

/** The effect of proposed rules. Differences are proposed minus current, so a negative one is cheaper. */
export interface Simulation {
  readonly baskets: number;
  readonly changed: number;
  /** Baskets with a failing strategy under the proposed rules. */
  readonly degraded: number;
  readonly differenceMinor: number;
  /** Ascending, without empty bins. Bins double in width with their distance from 0. */
  readonly histogram: readonly DifferenceBin[];
}

/** Rules by canary key; `ActiveRules` is one implementation. */
export interface RulesByKey {
  ruleSetFor(key: string | undefined): RuleSet;
}

/**
 * Prices baskets under two sets of rules and counts the differences. Nothing is charged. Throws `money.too-large` if
 * the sum of differences exceeds the exact range.
 */
export async function simulate(
  current: RulesByKey, proposed: RulesByKey, samples: readonly SampleBasket[],
): Promise<Simulation> {
  const bins = new Map<number, DifferenceBin>();
  // The sum has terms of both signs, so a partial sum may exceed the total.
  let differenceMinor = 0n;
  let degraded = 0;
  for (const sample of samples) {
    const [before, after] = await Promise.all([priced(current, sample), priced(proposed, sample)]);
    const minor = after.totalMinor - before.totalMinor;
    const bin = binOf(minor);
    const baskets = (bins.get(bin.fromMinor)?.baskets ?? 0) + 1;
    bins.set(bin.fromMinor, { ...bin, baskets });
    differenceMinor += BigInt(minor);
    if (after.degraded) degraded += 1;
  }
  return {
    baskets: samples.length,
    changed: samples.length - (bins.get(0)?.baskets ?? 0),
    degraded,
    differenceMinor: exactly(differenceMinor),
    histogram: [...bins.values()].sort((a, b) => a.fromMinor - b.fromMinor),
  };
}

function exactly(sumMinor: bigint): number {
  const minor = Number(sumMinor);
  if (!Number.isSafeInteger(minor)) throw MoneyFailure.tooLarge('simulate');
  return minor;
}

async function priced(by: RulesByKey, { key, items, coupons, context }: SampleBasket): Promise<PricedBasket> {
  const rules = by.ruleSetFor(key);
  return askBasket(rules, await askLines(rules, items, context), coupons, context);
}

/** Bins: 0, then 1, 2 to 3, 4 to 7 and so on, on both sides. */
function binOf(minor: number): { fromMinor: number; toMinor: number } {
  if (minor === 0) return { fromMinor: 0, toMinor: 0 };
  const near = 2 ** Math.floor(Math.log2(Math.abs(minor)));
  const far = near * 2 - 1;
  return minor > 0 ? { fromMinor: near, toMinor: far } : { fromMinor: -far, toMinor: -near };
}

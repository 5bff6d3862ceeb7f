import { builtIn } from '../built-ins/built-in.ts';
import { priceBasket } from '../engine/basket.ts';
import { priceLine } from '../engine/line.ts';
import { createRuleSet } from '../engine/rule-set.ts';
import { sha256 } from '../sha256.ts';
import type { BuiltInName } from '../built-ins/built-in.ts';
import type { PricedBasket, PricedLine } from '../engine/priced.ts';
import type {
  ActiveStrategy, BasketInput, Ctx, Item, Json, LineInput, Meta, Priced, PricingContext,
} from '../strategy.ts';

/** A Saturday morning in the reference market. */
export const at: PricingContext = {
  now: '2026-11-21T09:00:00Z', market: 'm1', currency: 'GBP',
};

/** An expected result in a built-in's table: a price, and the units that would change it. */
export interface Expected {
  readonly net: number;
  readonly needs?: number;
}

export type Params = Readonly<Record<string, Json>>;

export function item(quantity: number, unitPriceMinor: number, more: Partial<Item> = {}): Item {
  return { sku: 'GR1', quantity, unitPriceMinor, ...more };
}

export function configured(
  name: BuiltInName, params: Params, meta: Partial<Meta> = {},
): ActiveStrategy {
  return builtIn(name, { name: 'rule', version: '1.0.0', ...meta, params });
}

export function lineBy(
  strategies: readonly ActiveStrategy[], line: Item, context = at,
): PricedLine {
  return priceLine(createRuleSet(1, strategies), line, context);
}

export function basketBy(
  strategies: readonly ActiveStrategy[], items: readonly Item[], coupons: readonly string[] = [],
): PricedBasket {
  const rules = createRuleSet(1, strategies);
  return priceBasket(rules, items.map((line) => priceLine(rules, line, at)), coupons, at);
}

/** A strategy with any answer that the test wants, valid or not. */
export function strategy(
  meta: Partial<Meta>, price: (input: LineInput & BasketInput, ctx: Ctx) => unknown,
): ActiveStrategy {
  const whole: Meta = {
    contract: 1, name: 'rule', version: '1.0.0', kind: 'line', title: 'Rule', scope: {},
    priority: 0, stack: 'stack', tests: [], ...meta,
  };
  return {
    meta: whole,
    sha256: sha256(`${whole.name} ${whole.version}`),
    price: price as (input: LineInput | BasketInput, ctx: Ctx) => Priced,
  };
}

/** A strategy that always changes the price by the same amount; a negative one is cheaper. */
export function by(amountMinor: number, meta: Partial<Meta> = {}): ActiveStrategy {
  return strategy(meta, () => ({ adjustments: [{ code: 'by', amountMinor, message: 'by' }] }));
}

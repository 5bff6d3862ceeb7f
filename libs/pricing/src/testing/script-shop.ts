import { systemRuntime } from '@aisle/std';
import { askBasket } from '../engine/basket.ts';
import { askLines } from '../engine/line.ts';
import { createRuleSet } from '../engine/rule-set.ts';
import { Sandbox } from '../sandbox/sandbox.ts';
import { at } from './shop.ts';
import type { PricedBasket } from '../engine/priced.ts';
import type { SandboxOptions } from '../sandbox/sandbox.ts';
import type { ActiveStrategy, AskingContext, Item, Meta } from '../strategy.ts';

/** A sandbox on real threads, as in production. */
export function startSandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  return Sandbox.start({ runtime: systemRuntime, ...options });
}

/** The source of a strategy whose `price(input, ctx)` has this body, preceded by `before`. */
export function source(body: string, meta: Partial<Meta> = {}, before = ''): string {
  const whole: Meta = {
    contract: 1, name: 'script', version: '1.0.0', kind: 'line', title: 'Script', scope: {},
    priority: 0, stack: 'stack', tests: [], ...meta,
  };
  return `${before}
export default { meta: ${JSON.stringify(whole)}, price(input, ctx) { ${body} } };`;
}

/** A source that takes this amount off every line. */
export function off(amountMinor: number, meta: Partial<Meta> = {}): string {
  return source(
    `return { adjustments: [{ code: 'off', amountMinor: -${amountMinor}, message: 'off' }] };`, meta,
  );
}

export async function script(sandbox: Sandbox, text: string): Promise<ActiveStrategy> {
  return sandbox.strategy(await sandbox.read(text));
}

/** For tests that are not about waiting: a busy machine must not cause a fallback price. */
export const patiently: AskingContext = { ...at, patience: 'checkout' };

/** Prices a basket by any strategies, scripts included. */
export async function priceBy(
  strategies: readonly ActiveStrategy[], items: readonly Item[], coupons: readonly string[] = [], context: AskingContext = patiently,
): Promise<PricedBasket> {
  const rules = createRuleSet(1, strategies);
  return askBasket(rules, await askLines(rules, items, context), coupons, context);
}

import { createRuleSet, type RuleSet } from '../engine/rule-set.ts';
import { at, by, item } from '../testing/shop.ts';
import { simulate, type RulesByKey } from './simulate.ts';

const HUGE = 10 ** 15;

describe('simulate', () => {
  const free = (sku: string) => always(createRuleSet(1, [by(-HUGE, { scope: { skus: [sku] } })]));
  const baskets = (sku: string, count: number) =>
    Array.from({ length: count }, () => ({ items: [item(1, HUGE, { sku })], coupons: [], context: at }));

  it('counts exactly, even if a partial sum of the differences exceeds the exact range', async () => {
    const { differenceMinor, changed } = await simulate(free('A'), free('B'), [...baskets('A', 20), ...baskets('B', 20)]);

    expect([differenceMinor, changed]).toEqual([0, 40]);
  });

  it('refuses a sum that no number holds exactly', async () => {
    await expect(simulate(always(createRuleSet(1, [])), free('B'), baskets('B', 10))).rejects.toMatchObject({ code: 'money.too-large' });
  });
});

function always(rules: RuleSet): RulesByKey {
  return { ruleSetFor: () => rules };
}

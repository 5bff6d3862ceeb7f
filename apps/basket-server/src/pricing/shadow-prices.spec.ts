import { createRuleSet, referenceRules, type ActiveStrategy, type RuleSet } from '@aisle/pricing';
import { VirtualRuntime } from '@aisle/std/testing';
import { createMetrics } from '@aisle/platform';
import { PriceReport } from './price-report.ts';
import { ShadowPrices, type ShadowTally } from './shadow-prices.ts';

const context = { now: '2026-11-21T09:00:00Z', market: 'm1', currency: 'GBP' };

describe('ShadowPrices', () => {
  it('prices a sold basket after its answer, and counts the difference', async () => {
    const shop = open();

    shop.sell(1);
    expect(shop.calls()).toBe(0);
    await shop.runtime.advance(100);

    expect(shop.calls()).toBe(1);
    expect(await shop.metric('strategy_shadow_difference_minor')).toEqual({ count: 1, sum: -5 });
  });

  it('counts each sale, including two of one basket', async () => {
    const shop = open();

    shop.sell(1);
    shop.sell(2);
    await shop.runtime.advance(100);

    expect(shop.calls()).toBe(2);
  });

  it('skips baskets above its capacity, and counts the skips', async () => {
    const shop = open();

    for (let basket = 0; basket < 100; basket += 1) shop.sell(1 + basket);
    shop.report.sold({ key: 'large', items: Array.from({ length: 201 }, (_, at) => item(`P${at}`, 1)), coupons: [], context });
    await shop.runtime.advance(60);
    expect(shop.calls()).toBe(16);
    await shop.runtime.advance(1_000);

    expect(shop.calls()).toBe(64);
    expect((await shop.metric('strategy_shadow_skipped_total')).value).toBe(37);
  });

  it('reports at 10, 100 … baskets, and when the version leaves the shadow', async () => {
    const shop = open();
    for (let basket = 0; basket < 12; basket += 1) shop.sell(1);
    await shop.runtime.advance(100);
    expect(shop.tallies).toMatchObject([{ strategy: 'tea', version: '2', baskets: 10, changed: 10, differenceMinor: { GBP: -50 } }]);

    shop.rules.hasShadows = false;
    shop.shadows.rulesChanged();

    expect(shop.tallies.at(-1)).toMatchObject({ baskets: 12, differenceMinor: { GBP: -60 } });
  });

  it('counts sales during the shadow, and reports them once', async () => {
    const shop = open();
    shop.sell(1);
    await shop.runtime.advance(100);
    shop.sell(1);

    shop.rules.hasShadows = false;
    shop.shadows.rulesChanged();
    shop.sell(1);
    expect(shop.tallies).toEqual([]);
    await shop.runtime.advance(100);

    expect(shop.tallies).toMatchObject([{ baskets: 2, differenceMinor: { GBP: -10 } }]);
  });

  it('stops counting at the largest exact amount', async () => {
    const shop = open(teaOff(10 ** 15));

    for (let basket = 0; basket < 10; basket += 1) shop.sell(10 ** 13);
    await shop.runtime.advance(100);

    expect(shop.tallies).toMatchObject([{ baskets: 10, differenceMinor: { GBP: -Number.MAX_SAFE_INTEGER } }]);
  });

  it('reports its counts when the server stops', async () => {
    const shop = open();
    shop.sell(1);
    await shop.runtime.advance(100);

    await shop.shadows.stop();

    expect(shop.tallies).toMatchObject([{ baskets: 1 }]);
  });

  it('counts a shadow that fails, without an effect on baskets', async () => {
    const shop = open({ ...teaOff(5), price: () => { throw new Error('no'); } });

    shop.sell(1);
    await shop.runtime.advance(100);

    expect((await shop.metric('strategy_shadow_degraded_total')).value).toBe(1);
  });
});

describe('PriceReport', () => {
  it('counts prices without a failed strategy, by strategy', async () => {
    const { report, metric } = open();
    const failed = { code: 'failed', reason: 'threw', strategy: 'tea', version: '2' };
    const line = { ...item('GR1', 1), grossMinor: 311, netMinor: 311, adjustments: [], skipped: [failed], degraded: true };

    report.priced([line, { ...line, degraded: false }], { degraded: true, skipped: [] });
    report.priced([], { degraded: false, skipped: [failed] });

    expect(await metric('strategy_fallback_prices_total')).toEqual({ value: 1 });
  });
});

function open(shadow = teaOff(5)) {
  const runtime = new VirtualRuntime();
  const metrics = createMetrics('test');
  const tallies: ShadowTally[] = [];
  let calls = 0;
  const counted: ActiveStrategy = { ...shadow, price: (input, ctx) => { calls += 1; return shadow.price(input, ctx); } };
  const current = createRuleSet(1, []);
  const rules = {
    hasShadows: true,
    ruleSetFor: (): RuleSet => current,
    // A new rule set per call has an empty cache, so that each basket asks the scripts.
    shadowsFor: () => (rules.hasShadows ? [{ name: 'tea', version: '2', rules: createRuleSet(1, [counted]) }] : []),
  };
  const shadows = new ShadowPrices({
    runtime, metrics, rules, onTally: (tally) => void tallies.push(tally), onFailed: (error) => { throw error; },
  });
  const report = new PriceReport({ metrics, shadows });
  return {
    runtime, rules, shadows, report, tallies,
    calls: () => calls,
    sell: (quantity: number) => report.sold({ key: 'anna', items: [item('GR1', quantity)], coupons: [], context }),
    async metric(name: string) {
      const { values } = await metrics.getSingleMetric(name)!.get();
      const of = (suffix: string) => (values as { metricName?: string; value: number }[]).find(({ metricName }) => metricName === `${name}_${suffix}`)?.value;
      return of('count') === undefined ? { value: values[0]?.value } : { count: of('count'), sum: of('sum') };
    },
  };
}

function item(sku: string, quantity: number) {
  return { sku, quantity, unitPriceMinor: 311 };
}

function teaOff(minor: number): ActiveStrategy {
  const meta = { ...referenceRules()[0]!.meta, name: 'tea', version: '2', scope: { skus: ['GR1'] } };
  return { meta, sha256: '0'.repeat(64), price: () => ({ adjustments: [{ code: 'off', amountMinor: -minor, message: 'off' }] }) };
}

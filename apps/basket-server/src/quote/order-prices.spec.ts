import type { PricedOrder, PricedProduct } from '@aisle/contracts';
import { builtIn, createRuleSet, referenceRules, type ActiveStrategy } from '@aisle/pricing';
import { systemRuntime } from '@aisle/std';
import { Catalogue } from '../catalogue/catalogue.ts';
import { Prices } from '../pricing/prices.ts';
import { seedChanges } from '../testing/seed-changes.ts';
import { OrderPrices } from './order-prices.ts';

const M1 = { tenant: 'default', market: 'm1' };

describe('OrderPrices', () => {
  it('explains each line, and the totals of the lines sum to the total', async () => {
    const { orders } = shop([[...referenceRules(), tenOff()]]);

    const priced = await orders.price(M1, { lines: [{ sku: 'GR1', quantity: 3 }, { sku: 'CF1', quantity: 1 }] });

    expect(priced).toMatchObject({
      lines: [
        { sku: 'GR1', name: 'Green tea', category: 'tea', quantity: 3, gross: gbp(933), net: gbp(622) },
        { sku: 'CF1', gross: gbp(1_123), adjustments: [], net: gbp(1_123) },
      ],
      adjustments: [{ strategy: 'ten-off', version: '1', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      pricing: { rules: 1 },
    });
    expect(sharesOf(priced)).toBe(priced.adjustments[0]?.amount.amount);
    expect(totalsOf(priced)).toBe(priced.total.amount);
  });

  it('prices the delivered part of an order by its own rules and prices, whatever is in force now', async () => {
    const { orders, source } = shop([[...referenceRules()], []]);
    const ordered = await orders.price(M1, { lines: [{ sku: 'GR1', quantity: 2 }, { sku: 'SR1', quantity: 3 }] });
    source.catalogue = source.catalogue.with([{ ...M1, revision: 2, sku: 'SR1', product: undefined }]);

    const delivered = await orders.price(M1, {
      lines: [{ sku: 'GR1', quantity: 1 }, { sku: 'SR1', quantity: 2 }],
      asOf: { pricing: { ...ordered.pricing, rules: 1 }, products: ordered.lines.map(productOf) },
    });

    expect(ordered.total).toEqual(gbp(622 + 1_500));
    expect(delivered).toMatchObject({ total: gbp(311 + 1_000), pricing: { at: ordered.pricing.at, rules: 1 } });
  });

  it('gives an earlier rule the instant of the order', async () => {
    const seen: string[] = [];
    const { orders } = shop([[clockWatcher(seen)]]);
    const line = { sku: 'GR1', quantity: 1 };
    const product = { sku: 'GR1', name: 'Green tea', unitPriceMinor: 300 };

    await orders.price(M1, { lines: [line], asOf: { pricing: { at: '2026-02-03T04:05:06.789Z', rules: 1 }, products: [product] } });

    expect(seen).toEqual(['2026-02-03T04:05:00Z']);
  });

  it('refuses a product that the market does not sell', async () => {
    const { orders } = shop([[]]);

    await expect(orders.price(M1, { lines: [{ sku: 'nothing', quantity: 1 }] })).rejects.toMatchObject({
      kind: 'rejected', code: 'product.unknown',
    });
  });
});

/** A server with successive revisions of the rules; the last ones are in force. */
function shop(history: readonly (readonly ActiveStrategy[])[]) {
  const source = { catalogue: Catalogue.empty.with(seedChanges()) };
  const sets = history.map((strategies, at) => createRuleSet(at + 1, strategies));
  const clock = { nowMs: () => Date.parse('2026-11-21T09:00:00Z'), monotonicMs: () => 0 };
  const prices = new Prices({ ruleSetFor: () => sets.at(-1)! }, source, clock);
  const rules = { at: async (revision: number) => ({ ruleSetFor: () => sets[revision - 1]! }) };
  return { source, orders: new OrderPrices({ prices, rules, runtime: systemRuntime }) };
}

function tenOff(): ActiveStrategy {
  const { meta, sha256 } = builtIn('percent-off@1', { name: 'ten-off', version: '1', params: { percent: 10 } });
  const price = () => ({ adjustments: [{ code: 'ten-off', amountMinor: -10, message: 'ten off' }] });
  return { sha256, meta: { ...meta, kind: 'basket' }, price };
}

function clockWatcher(seen: string[]): ActiveStrategy {
  const { meta, sha256 } = builtIn('percent-off@1', { name: 'clock', version: '1', params: { percent: 10 } });
  return {
    sha256,
    meta: { ...meta, needsTime: true },
    price(_input, { now }) {
      seen.push(now);
      return { adjustments: [] };
    },
  };
}

function productOf({ sku, name, unitPrice }: PricedOrder['lines'][number]): PricedProduct {
  return { sku, name, unitPriceMinor: unitPrice.amount };
}

function totalsOf({ lines }: PricedOrder): number {
  return lines.reduce((sum, { total }) => sum + total.amount, 0);
}

function sharesOf({ lines }: PricedOrder): number {
  return lines.reduce((sum, { share }) => sum + share.amount, 0);
}

function gbp(amount: number) {
  return { amount, currency: 'GBP' };
}

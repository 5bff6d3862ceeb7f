import fc from 'fast-check';
import type { OrderLine } from '@aisle/contracts';
import { gbp, priceBy, type FakeRules } from '../testing/fake-baskets.ts';
import { deliveredOf, finalPrice } from './final-price.ts';
import type { OrderPrice } from './order-price.ts';
import { unrecordedPrice } from './unrecorded.ts';

const units = fc.integer({ min: 1, max: 9_999 });
const product = fc.record({ sku: fc.constantFrom('a', 'b', 'c', 'd', 'e'), quantity: units, short: units, unitPriceMinor: fc.integer({ min: 0, max: 1_000_000 }) });
const ordered = fc.uniqueArray(product, { minLength: 1, maxLength: 5, selector: ({ sku }) => sku });
/** Rules with thresholds of units and sums: set prices, bulk prices, surcharges and free items. */
const rules: fc.Arbitrary<FakeRules> = fc.record({ from: units, cut: fc.integer({ min: 0, max: 100 }), sum: fc.integer({ min: 0, max: 10_000_000 }), charge: fc.integer({ min: 0, max: 999 }), off: fc.integer({ min: 0, max: 100 }) })
  .map(({ from, cut, sum, charge, off }) => ({
    line: ({ quantity, grossMinor }) => (quantity >= from ? -Math.floor((grossMinor * cut) / 100) : 0),
    order: (netMinor) => (netMinor >= sum ? -Math.floor((netMinor * off) / 100) : charge),
  }));

describe('the price of the delivered part', () => {
  it('is the price by the rules or less, never above the order, and adds up in every line and in total', () => {
    fc.assert(fc.property(ordered, rules, (products, by) => {
      const at = { pricing: { at: '2026-11-30T09:00:00.000Z', rules: 0 }, products: products.map((one) => ({ ...one, name: one.sku })) };
      const price = priceBy([by], { lines: products, asOf: at });
      const missing = products.map(({ sku, quantity, short }) => ({ sku, quantity: Math.min(quantity, short) }));
      const lines = deliveredOf(products, missing);
      fc.pre(lines.length > 0);
      const delivered = priceBy([by], { lines, asOf: at });

      const final = finalPrice(price, missing, delivered);

      expect(final.total.amount).toBe(Math.min(price.total.amount, delivered.total.amount));
      expectSums(final);
      expect(final.lines.map(({ sku, quantity }) => [sku, quantity])).toEqual(products.map(({ sku, quantity }) => [sku, quantity]));
    }));
  });
});

describe('the price of an order from before facts were recorded', () => {
  it('is the charged amount, and adds up in every line and in total', () => {
    const bare = ordered.chain((products) => fc.tuple(
      fc.constant(products), fc.tuple(...products.map(({ quantity, unitPriceMinor }) => fc.integer({ min: 0, max: quantity * unitPriceMinor }))),
      fc.array(fc.integer({ min: 0, max: 9_999 }), { minLength: 5, maxLength: 5 }), fc.double({ min: 0, max: 1, noNaN: true }),
    ));
    fc.assert(fc.property(bare, ([products, nets, gone, part]) => {
      const lines = products.map(({ sku, quantity, unitPriceMinor }, index) => ({
        sku, name: sku, quantity, missing: Math.min(gone[index] as number, quantity), unitPriceMinor, netMinor: nets[index] as number,
      }));
      const total = gbp(Math.floor(nets.reduce((sum, net) => sum + net, 0) * part));

      const price = unrecordedPrice(lines, total);

      expect(price.total).toEqual(total);
      expectSums(price);
    }));
  });
});

/** Checks that adjustments explain each net price, shares sum to the order's adjustments, and totals to the total. */
function expectSums({ lines, adjustments, total }: OrderPrice): void {
  const sum = (amounts: readonly { readonly amount: number }[]): number => amounts.reduce((all, { amount }) => all + amount, 0);
  for (const line of lines) {
    expect(line.gross.amount).toBe(line.unitPrice.amount * (line.quantity - (line.missing ?? 0)));
    expect(line.net.amount).toBe(line.gross.amount + sum(line.adjustments.map(({ amount }) => amount)));
    expect(line.total.amount).toBe(line.net.amount + line.share.amount);
    expect(line.total.amount).toBeGreaterThanOrEqual(0);
  }
  const of = (pick: (line: OrderLine) => { amount: number }): number => sum(lines.map(pick));
  expect(of(({ share }) => share)).toBe(sum(adjustments.map(({ amount }) => amount)));
  expect(of((line) => line.total)).toBe(total.amount);
}

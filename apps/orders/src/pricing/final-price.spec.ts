import { taxesOfLines, type OrderLine, type OrderPricing, type PricedOrder } from '@aisle/contracts';
import { choiceBy } from '@aisle/contracts/testing';
import { gbp } from '../testing/fake-baskets.ts';
import { plainLine } from '../testing/order-calls.ts';
import { finalPrice } from './final-price.ts';
import { orderPrice, type OrderPrice } from './order-price.ts';

const pricing = { at: '2026-11-30T09:00:00.000Z', rules: 3 };

describe('the delivered part of an order', () => {
  it('has the price by the rules; missing units cost nothing, and are shown as missing', () => {
    const ordered = of([plainLine('tv', 1, 49_000), plainLine('cable', 5, 1_000)]);
    const delivered = priced([plainLine('cable', 3, 1_000)]);

    const final = finalPrice(ordered, [{ sku: 'tv', quantity: 1 }, { sku: 'cable', quantity: 2 }], delivered);

    expect(final.total).toEqual(gbp(3_000));
    expect(final.lines).toEqual([
      { ...plainLine('tv', 1, 49_000), missing: 1, gross: gbp(0), net: gbp(0), total: gbp(0) },
      { ...plainLine('cable', 3, 1_000), quantity: 5, missing: 2 },
    ]);
    expect(final.ordered).toBe(ordered);
  });

  it.each([0, 1])('keeps every choice of a line with %d missing units', (missing) => {
    const chosen = { ...plainLine('x', 3, 100), ...choiceBy(3) };

    const final = finalPrice(of([chosen]), [{ sku: 'x', quantity: missing }], priced([plainLine('x', 3 - missing, 100)]));

    expect(final.lines).toMatchObject([choiceBy(3)]);
  });

  it('has its own adjustments, shares and degradation', () => {
    const charge = { code: 'delivery', amount: gbp(399), message: 'delivery', strategy: 's', version: '1.0.0' };
    const line = { ...plainLine('x', 1, 1_000), share: gbp(399), total: gbp(1_399), degraded: true };
    const ordered = of([plainLine('x', 1, 1_000), plainLine('z', 2, 1_000)]);

    const final = finalPrice(ordered, [{ sku: 'z', quantity: 2 }], { ...priced([line]), adjustments: [charge], degraded: true });

    expect(final).toMatchObject({ adjustments: [charge], total: gbp(1_399), degraded: true });
    expect(final.lines[0]).toEqual(line);
  });

  it('costs no more than the whole order: the excess is removed by largest remainder, with a reason', () => {
    const ordered = of([{ ...plainLine('a', 3, 100), net: gbp(200), total: gbp(200), adjustments: [] }, plainLine('b', 1, 33)]);
    const delivered = priced([plainLine('a', 2, 100), plainLine('b', 1, 51)]);

    const final = finalPrice(ordered, [{ sku: 'a', quantity: 1 }], delivered);

    expect(final.total).toEqual(ordered.total);
    expect(final.adjustments).toEqual([{
      code: 'never-above-order', amount: gbp(-18), message: expect.any(String), strategy: 'never-above-order', version: '1.0.0',
    }]);
    expect(final.lines.map(({ share, total }) => [share.amount, total.amount])).toEqual([[-14, 186], [-4, 47]]);
  });

  it.each<[pricesInclude: boolean, lines: [net: number, share: number, taxedNet: number, tax: number, total: number][]]>([
    [true, [[200, -14, 155, 31, 186], [51, -4, 39, 8, 47]]],
    [false, [[200, -37, 163, 32, 195], [51, -9, 42, 8, 50]]],
  ])('that would cost more has the tax of its reduced lines, with prices that include it: %s', (pricesInclude, expected) => {
    const tax: OrderPricing['tax'] = { pricesInclude, level: 'line', target: 'net', rates: [{ category: 'full', rate: '20', from: '2026-11-30' }] };
    const taxed = (line: OrderLine, net: number, amount: number): OrderLine =>
      ({ ...line, tax: { category: 'full', rate: '20', net: gbp(net), tax: gbp(amount) }, total: gbp(net + amount) });
    const [a, b] = [plainLine('a', 2, 100), plainLine('b', 1, 51)];
    const delivered = pricesInclude ? [taxed(a, 167, 33), taxed(b, 43, 8)] : [taxed(a, 200, 40), taxed(b, 51, 10)];
    const most = pricesInclude ? 233 : 245;
    const whole = [{ ...taxed(plainLine('a', 3, 100), most - 40, 0), share: gbp(0) }, taxed(plainLine('b', 1, 40), 40, 0)];

    const final = finalPrice(of(whole), [{ sku: 'a', quantity: 1 }], priced(delivered), { tax });

    expect(final.total).toEqual(gbp(most));
    expect(final.lines.map((line) => [line.net, line.share, line.tax!.net, line.tax!.tax, line.total].map(({ amount }) => amount))).toEqual(expected);
    expect(final.adjustments.map(({ amount }) => amount.amount)).toEqual([expected.reduce((sum, [, share]) => sum + share, 0)]);
    expect(final.taxes).toEqual(taxesOfLines(final.lines.map((line) => line.tax!), pricesInclude, 'GBP'));
  });

  it('has no tax on units that are not delivered', () => {
    const tax: OrderPricing['tax'] = { pricesInclude: true, level: 'line', target: 'net', rates: [{ category: 'full', rate: '20', from: '2026-11-30' }] };
    const line = { ...plainLine('a', 1, 120), tax: { category: 'full', rate: '20', net: gbp(100), tax: gbp(20) } };

    const final = finalPrice(of([line, { ...line, sku: 'b' }]), [{ sku: 'b', quantity: 1 }], priced([line]), { tax });

    expect(final.lines.map((one) => one.tax?.tax.amount)).toEqual([20, 0]);
    expect(final.taxes).toMatchObject({ net: gbp(100), tax: gbp(20) });
  });

  it.each([
    ['another quantity', [plainLine('a', 1, 100)]],
    ['another product', [plainLine('b', 2, 100)]],
    ['more lines than requested', [plainLine('a', 2, 100), plainLine('b', 1, 0)]],
  ])('is not accepted from an answer about %s', (_what, lines) => {
    const ordered = of([plainLine('a', 3, 100)]);

    expect(() => finalPrice(ordered, [{ sku: 'a', quantity: 1 }], priced(lines))).toThrow('invariant broken');
  });
});

describe('the price of an order', () => {
  it('adds up, or is refused', () => {
    const lines = [plainLine('a', 3, 100)];

    expect(orderPrice({ lines, adjustments: [], total: gbp(300) }).total).toEqual(gbp(300));
    expect(() => orderPrice({ lines, adjustments: [], total: gbp(299) })).toThrow('invariant broken');
  });
});

function of(lines: readonly OrderLine[]): OrderPrice {
  return { lines, adjustments: [], total: gbp(lines.reduce((sum, { total }) => sum + total.amount, 0)) };
}

function priced(lines: readonly OrderLine[]): PricedOrder {
  return { ...of(lines), pricing };
}

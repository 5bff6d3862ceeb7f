import { Quote, type Basket as BasketDocument, type MarketTerms, type Operation } from '@aisle/contracts';
import { MemoryJournal } from '@aisle/journal/testing';
import { builtIn } from '@aisle/pricing';
import { systemRuntime, type Clock } from '@aisle/std';
import type { BasketAddress } from '../basket/baskets.ts';
import { orderPriceOf } from '../basket/basket.ts';
import { basketOf, eventOf, savedBasket, storedEvent, SCHEMA_VERSION } from '../basket/stored-event.ts';
import type { Product } from '../catalogue/catalogue.ts';
import { OrderPrices, pricingOf } from '../quote/order-prices.ts';
import { orderView } from '../quote/order-view.ts';
import { openShop, type Shop } from '../testing/live-baskets.ts';

const ANNA: BasketAddress = { tenant: 'default', market: 'm1', basket: 'anna', shard: 7 };
const RATES = [
  { category: 'standard', rate: '22', from: '2011-01-01' }, { category: 'reduced', rate: '10', from: '2011-01-01' },
  { category: 'food', rate: '4', from: '2011-01-01' }, { category: 'full', rate: '19', from: '2011-01-01' },
  { category: 'full', rate: '20', from: '2026-12-02' },
];
const INCLUDED: MarketTerms['tax'] = { pricesInclude: true, level: 'line', target: 'net', rates: RATES };
const ON_TOP: MarketTerms['tax'] = { ...INCLUDED, pricesInclude: false };

describe('the taxes of a basket', () => {
  // Figures of retail: by line and rounded to the net unless told.
  it.each<[fact: string, tax: MarketTerms['tax'], goods: [priceMinor: number, quantity: number, category: string][], sums: [net: number, tax: number, total: number]]>([
    ['3 × 1.08 at 19 % on top', ON_TOP, [[108, 3, 'full']], [324, 62, 386]],
    ['2.99 with 4 %, to the net', INCLUDED, [[299, 1, 'food']], [288, 11, 299]],
    ['2.99 with 4 %, to the tax', { ...INCLUDED, target: 'tax' }, [[299, 1, 'food']], [287, 12, 299]],
    ['28.90 with 22 % and 1.25 with 10 %', INCLUDED, [[2_890, 1, 'standard'], [125, 1, 'reduced']], [2_483, 532, 3_015]],
    ['the same by rate', { ...INCLUDED, level: 'rate' }, [[2_890, 1, 'standard'], [125, 1, 'reduced']], [2_483, 532, 3_015]],
  ])('of %s are exact', async (_fact, tax, goods, [net, taxes, total]) => {
    const shop = await shopWith(tax, goods.map(([unitPriceMinor, , taxCategory], at) => ({ sku: `T${at}`, name: 'T', unitPriceMinor, taxCategory })));

    const basket = documentOf(await shop.change(ANNA, 'c1', goods.map(([, quantity], at) => add(`T${at}`, quantity))));

    expect(basket).toMatchObject({ total: gbp(total), taxes: { pricesInclude: tax!.pricesInclude, net: gbp(net), tax: gbp(taxes) } });
    expect(sumsOf(basket)).toEqual([net, taxes]);
    expect(Quote.parse(await shop.quote(goods.map(([, quantity], at) => ({ sku: `T${at}`, quantity }))))).toMatchObject({ total: gbp(total), taxes: basket.taxes });
  });

  it('are those of the discounted lines, by rate from low to high', async () => {
    const shop = await shopWith(INCLUDED, [
      { sku: 'A', name: 'A', unitPriceMinor: 6_000, taxCategory: 'standard' }, { sku: 'B', name: 'B', unitPriceMinor: 5_000, taxCategory: 'reduced' },
    ]);
    shop.rules([builtIn('spend-x-save-y@1', { name: 'save', version: '1', params: { spendMinor: 10_000, saveMinor: 1_650 }, scope: { currencies: ['GBP'] } })]);

    const basket = documentOf(await shop.change(ANNA, 'c1', [add('A', 1), add('B', 1)]));

    // Shares −9.00 and −7.50: 51.00 with 22 %, 42.50 with 10 %.
    expect(basket.lines.map(({ tax }) => tax)).toEqual([
      { category: 'standard', rate: '22', net: gbp(4_180), tax: gbp(920) }, { category: 'reduced', rate: '10', net: gbp(3_864), tax: gbp(386) },
    ]);
    expect(basket).toMatchObject({
      total: gbp(9_350), taxes: { rates: [{ rate: '10', net: gbp(3_864), tax: gbp(386) }, { rate: '22', net: gbp(4_180), tax: gbp(920) }], net: gbp(8_044), tax: gbp(1_306) },
    });
  });

  it('on top are part of the total that a checkout is held to', async () => {
    const shop = await shopWith(ON_TOP, [{ sku: 'A', name: 'A', unitPriceMinor: 108, taxCategory: 'full' }]);
    await shop.change(ANNA, 'c1', [add('A', 3)]);

    await expect(shop.checkOut(ANNA, 'c2', { total: gbp(324) })).rejects.toMatchObject({ code: 'basket.total_changed', details: { total: gbp(386) } });
    const { order } = await shop.checkOut(ANNA, 'c3', { total: gbp(386) });

    expect(orderView(order!, 'GBP')).toMatchObject({
      lines: [{ net: gbp(324), share: gbp(0), tax: { rate: '19', net: gbp(324), tax: gbp(62) }, total: gbp(386) }],
      total: gbp(386), taxes: { pricesInclude: false, net: gbp(324), tax: gbp(62) },
    });
  });

  it('are read again by another server, from events and from a snapshot', async () => {
    const memory = new MemoryJournal(systemRuntime);
    const goods: Product[] = [{ sku: 'A', name: 'A', unitPriceMinor: 108, taxCategory: 'full' }, { sku: 'B', name: 'B', unitPriceMinor: 99, taxCategory: 'food' }];
    const one = await shopWith(ON_TOP, goods, { memory });
    await one.change(ANNA, 'c1', [add('A', 3)]);
    const shown = documentOf(await one.change(ANNA, 'c2', [add('B', 1)]));
    await one.leave(ANNA.shard);

    const other = await shopWith(ON_TOP, goods, { memory, incarnation: 'node-2' });
    const state = await other.state(ANNA);

    expect(documentOf(await other.read(ANNA))).toEqual(shown);
    expect(basketOf(JSON.parse(JSON.stringify(savedBasket(state))), SCHEMA_VERSION)).toEqual(state);
    const { order } = await other.checkOut(ANNA, 'c3');
    const checkedOut = await other.state(ANNA);
    expect(basketOf(JSON.parse(JSON.stringify(savedBasket(checkedOut))), SCHEMA_VERSION)).toEqual(checkedOut);
    const change = { type: 'changed' as const, ...order!, skipped: [], removed: [], notices: [], revisions: { catalogue: 1, rules: order!.rules } };
    const event = eventOf(JSON.parse(JSON.stringify(storedEvent({ type: 'checkedOut', opening: 0, orderId: 'o', change, sharesMinor: order!.sharesMinor }))));
    expect(event.type === 'checkedOut' && orderPriceOf(event).taxes).toEqual(order!.taxes);
  });

  it('follow a rate from its first business day in shop time', async () => {
    const clock = { nowMs: Date.parse('2026-12-01T22:59:59.999Z') };
    const shop = await shopWith(ON_TOP, [{ sku: 'A', name: 'A', unitPriceMinor: 1_000, taxCategory: 'full' }], { clock: clockOf(clock) }, 'Europe/Berlin');
    const before = documentOf(await shop.change(ANNA, 'c1', [add('A', 1)]));

    clock.nowMs += 1;
    const after = documentOf(await shop.read(ANNA));

    expect([before, after].map(({ total, lines }) => [total.amount, lines[0]?.tax?.rate])).toEqual([[1_190, '19'], [1_200, '20']]);
    const { order } = await shop.checkOut(ANNA, 'c2', { total: gbp(1_200) });
    expect(pricingOf(order!, shop.market(), 'anna')).toMatchObject({
      timeZone: 'Europe/Berlin', tax: { pricesInclude: false, rates: expect.arrayContaining([{ category: 'full', rate: '20', from: '2026-12-02' }]) },
    });
  });

  it('of the delivered part of an order have the rates of the order', async () => {
    const clock = { nowMs: Date.parse('2026-12-01T12:00:00Z') };
    const goods: Product[] = [{ sku: 'A', name: 'A', unitPriceMinor: 108, taxCategory: 'full' }];
    const shop = await shopWith(ON_TOP, goods, { clock: clockOf(clock) });
    await shop.change(ANNA, 'c1', [add('A', 5)]);
    const { order } = await shop.checkOut(ANNA, 'c2');
    const pricing = pricingOf(order!, shop.market(), 'anna');
    clock.nowMs += 30 * 86_400_000;
    shop.configure({});

    const prices = new OrderPrices({ prices: shop.prices, rules: { at: async () => ({ ruleSetFor: () => shop.ruleSet() }) }, runtime: systemRuntime });
    const part = await prices.price({ tenant: 'default', market: 'm1' }, { lines: [{ sku: 'A', quantity: 3 }], asOf: { pricing, products: goods } });

    expect(part).toMatchObject({ total: gbp(386), lines: [{ tax: { rate: '19', tax: gbp(62) }, total: gbp(386) }], pricing });
  });

  it('refuse products without a known rate, and their checkout, but no read', async () => {
    const shop = await openShop();
    shop.sells({ sku: 'A', name: 'A', unitPriceMinor: 100 });
    await shop.change(ANNA, 'c1', [add('A', 1)]);
    shop.configure({ tax: INCLUDED });
    shop.sells({ sku: 'B', name: 'B', unitPriceMinor: 100, taxCategory: 'books' });

    const basket = documentOf(await shop.read(ANNA));

    expect(basket).toMatchObject({ total: gbp(100), lines: [{ sku: 'A' }] });
    expect(basket.lines[0]?.tax).toBeUndefined();
    await expect(shop.change(ANNA, 'c2', [add('A', 1)])).rejects.toMatchObject({ kind: 'rejected', code: 'tax.category_missing', details: { sku: 'A' } });
    await expect(shop.change(ANNA, 'c3', [add('B', 1)])).rejects.toMatchObject({ code: 'tax.rate_unknown', details: { category: 'books' } });
    await expect(shop.checkOut(ANNA, 'c4')).rejects.toMatchObject({ code: 'tax.category_missing' });
    await expect(shop.quote(['B'])).rejects.toMatchObject({ code: 'tax.rate_unknown' });
  });

  it('are nowhere in a market without taxes', async () => {
    const shop = await openShop();

    const basket = documentOf(await shop.change(ANNA, 'c1', [add('GR1', 1)]));

    expect(Object.keys(basket)).toEqual(['id', 'version', 'market', 'lines', 'adjustments', 'skipped', 'total', 'updatedAt', 'notices']);
    expect(Object.keys(basket.lines[0]!)).toEqual(['sku', 'name', 'quantity', 'unitPrice', 'gross', 'adjustments', 'net']);
  });
});

async function shopWith(tax: MarketTerms['tax'], goods: readonly Product[], options: Parameters<typeof openShop>[0] = {}, timeZone?: string): Promise<Shop> {
  const shop = await openShop(options);
  shop.configure({ tax, timeZone });
  for (const product of goods) shop.sells(product);
  return shop;
}

function clockOf(clock: { nowMs: number }): Clock {
  return { nowMs: () => clock.nowMs, monotonicMs: () => 0 };
}

/** The sums of the lines and of the rates, which must be the same. */
function sumsOf({ lines, taxes }: BasketDocument): [net: number, tax: number] {
  const sum = (parts: readonly { net: { amount: number }; tax: { amount: number } }[]): [number, number] =>
    [parts.reduce((all, { net }) => all + net.amount, 0), parts.reduce((all, { tax }) => all + tax.amount, 0)];
  const byLine = sum(lines.map(({ tax }) => tax!));
  expect(sum(taxes!.rates)).toEqual(byLine);
  return byLine;
}

function add(sku: string, quantity: number): Operation {
  return { op: 'add', sku, quantity };
}

function documentOf({ json }: { json: string }): BasketDocument {
  return JSON.parse(json) as BasketDocument;
}

function gbp(amount: number): { amount: number; currency: string } {
  return { amount, currency: 'GBP' };
}

import type { Basket as BasketDocument, BasketJournal, Operation } from '@aisle/contracts';
import { MemoryJournal } from '@aisle/journal/testing';
import { builtIn } from '@aisle/pricing';
import { systemRuntime } from '@aisle/std';
import type { Product } from '../catalogue/catalogue.ts';
import { OrderPrices } from '../quote/order-prices.ts';
import { orderView } from '../quote/order-view.ts';
import { openShop, type Shop } from '../testing/live-baskets.ts';
import type { BasketAddress } from './baskets.ts';
import { basketOf, savedBasket, SCHEMA_VERSION } from './stored-event.ts';

const ANNA: BasketAddress = { tenant: 'default', market: 'm1', basket: 'anna', shard: 7 };
const KG = { code: 'KGM', scale: 3 } as const;
const HAM: Product = { sku: 'HAM', name: 'Ham', category: 'meat', unitPriceMinor: 1_299, unit: KG };

describe('a line of goods by measure', () => {
  const shopWithHam = async (options: Parameters<typeof openShop>[0] = {}): Promise<Shop> => {
    const shop = await openShop(options);
    shop.sells(HAM);
    return shop;
  };

  it('counts steps, costs its price rounded once, and says its measure', async () => {
    const shop = await shopWithHam();

    await shop.change(ANNA, 'c1', [add(1_000)]);
    const basket = documentOf(await shop.change(ANNA, 'c2', [add(500), { op: 'add', sku: 'GR1', quantity: 1 }]));

    expect(basket).toMatchObject({
      lines: [
        { sku: 'HAM', quantity: 1_500, unit: KG, measure: '1.500 kg', unitPrice: gbp(1_299), gross: gbp(1_949), net: gbp(1_949) },
        { sku: 'GR1', quantity: 1, gross: gbp(311) },
      ],
      total: gbp(1_949 + 311),
    });
    expect(Object.keys(basket.lines[1]!)).toEqual(['sku', 'name', 'quantity', 'unitPrice', 'gross', 'adjustments', 'net']);
    expect((await shop.quote([{ sku: 'HAM', quantity: 1_500 }])).lines).toMatchObject([{ measure: '1.500 kg', net: gbp(1_949) }]);
    const { items } = JSON.parse((await shop.journal(ANNA)).json) as BasketJournal;
    expect(items[1]?.lines[0]).toMatchObject({ sku: 'HAM', quantity: 1_500, unit: KG, measure: '1.500 kg' });
  });

  it('is priced by rules in whole units', async () => {
    const shop = await shopWithHam();
    shop.rules([builtIn('bulk-price@1', { name: 'ham', version: '1', params: { from: 2, unitPriceMinor: 1_000 }, scope: { skus: ['HAM'], currencies: ['GBP'] } })]);

    expect(documentOf(await shop.change(ANNA, 'c1', [add(1_999)])).total).toEqual(gbp(2_597));
    expect(documentOf(await shop.change(ANNA, 'c2', [add(1)])).total).toEqual(gbp(2_000));
  });

  it('is read again by another server, from events and from a snapshot, at the gross of its time', async () => {
    const memory = new MemoryJournal(systemRuntime);
    const one = await shopWithHam({ memory });
    await one.change(ANNA, 'c1', [add(1_500)]);
    await one.leave(ANNA.shard);

    const other = await shopWithHam({ memory, incarnation: 'node-2' });
    const read = await other.state(ANNA);

    const restored = basketOf(JSON.parse(JSON.stringify(savedBasket(read))), SCHEMA_VERSION);
    for (const { lines } of [read, restored]) {
      expect(lines.get('HAM')).toMatchObject({ quantity: 1_500, unit: KG, grossMinor: 1_949, netMinor: 1_949 });
    }
  });

  it('is ordered with its unit, and its delivered part is priced by measure', async () => {
    const shop = await shopWithHam();
    await shop.change(ANNA, 'c1', [add(2_000)]);

    const { order } = await shop.checkOut(ANNA, 'c2');

    expect(orderView(order!, 'GBP').lines).toMatchObject([{ sku: 'HAM', quantity: 2_000, unit: KG, measure: '2.000 kg', gross: gbp(2_598), total: gbp(2_598) }]);
    const prices = new OrderPrices({ prices: shop.prices, rules: { at: async () => ({ ruleSetFor: () => shop.ruleSet() }) }, runtime: systemRuntime });
    const part = await prices.price({ tenant: 'default', market: 'm1' }, {
      lines: [{ sku: 'HAM', quantity: 1_900 }],
      asOf: { pricing: { at: new Date(order!.atMs).toISOString(), rules: order!.rules }, products: [HAM] },
    });
    expect(part.lines).toMatchObject([{ quantity: 1_900, unit: KG, measure: '1.900 kg', gross: gbp(2_468) }]);
  });

  it.each<[what: string, operations: Operation[], path: string, most: number]>([
    ['pieces to add', [{ op: 'add', sku: 'GR1', quantity: 10_000 }], 'quantity', 9_999],
    ['pieces to set', [{ op: 'set', sku: 'GR1', quantity: 100_000 }], 'quantity', 99_999],
    ['pieces in a batch', [add(10_000), { op: 'add', sku: 'GR1', quantity: 10_000 }], '1.quantity', 9_999],
    ['grams of a product in tenths', [{ op: 'add', sku: 'CHEESE', quantity: 99_991 }], 'quantity', 99_990],
  ])('refuses too many %s', async (_what, operations, path, most) => {
    const shop = await shopWithHam();
    shop.sells({ ...HAM, sku: 'CHEESE', unit: { code: 'KGM', scale: 1 } });

    await expect(shop.change(ANNA, 'c1', operations)).rejects.toMatchObject({
      kind: 'invalid', code: 'input.invalid',
      details: { errors: [{ path, message: expect.stringMatching(new RegExp(`^must be a whole number from [01] to ${most}$`)) }] },
    });
  });

  it('takes 9999 kilograms of grams at once', async () => {
    const shop = await shopWithHam();

    expect(documentOf(await shop.change(ANNA, 'c1', [add(9_999_000)])).lines).toMatchObject([{ measure: '9999.000 kg', net: gbp(12_988_701) }]);
    await expect(shop.quote([{ sku: 'GR1', quantity: 10_000 }])).rejects.toMatchObject({ details: { errors: [{ path: 'items.0.quantity' }] } });
  });
});

function add(quantity: number): Operation {
  return { op: 'add', sku: 'HAM', quantity };
}

function documentOf({ json }: { json: string }): BasketDocument {
  return JSON.parse(json) as BasketDocument;
}

function gbp(amount: number): { amount: number; currency: string } {
  return { amount, currency: 'GBP' };
}

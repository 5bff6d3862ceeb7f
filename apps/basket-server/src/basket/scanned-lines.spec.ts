import type { Basket as BasketDocument, ChangeBasket } from '@aisle/contracts';
import type { Product } from '../catalogue/catalogue.ts';
import { openShop } from '../testing/live-baskets.ts';
import type { BasketAddress } from './baskets.ts';

const ANNA: BasketAddress = { tenant: 'default', market: 'm1', basket: 'anna', shard: 7 };
const HAM: Product = {
  sku: 'HAM', name: 'Ham', unitPriceMinor: 1_299, unit: { code: 'KGM', scale: 3 }, codes: [{ kind: 'item', value: '12345' }, { kind: 'plu', value: '4011' }],
};
const MILK: Product = { sku: 'MILK', name: 'Milk', unitPriceMinor: 115, codes: [{ kind: 'gtin', value: '05400000002649' }] };

describe('a scanned code', () => {
  const shopWithCodes = async () => {
    const shop = await openShop();
    shop.sells(HAM);
    shop.sells(MILK);
    shop.configure({ labels: [{ pattern: '21.....{NNDDD}', value: 'quantity' }] });
    return shop;
  };

  it('adds its product, in the quantity that it says, as often as it was scanned', async () => {
    const shop = await shopWithCodes();

    await shop.request(ANNA, 'c1', [{ op: 'add', code: '5400000002649', quantity: 2 }]);
    await shop.request(ANNA, 'c2', [{ op: 'add', code: '2112345015002', quantity: 1 }, { op: 'add', code: '05400000002649', quantity: 1 }]);
    const basket = documentOf(await shop.request(ANNA, 'c3', [{ op: 'add', code: '4011', quantity: 250 }]));

    expect(basket.lines).toMatchObject([{ sku: 'MILK', quantity: 3 }, { sku: 'HAM', quantity: 1_750, measure: '1.750 kg' }]);
    expect((await shop.quote([{ code: '2112345015002', quantity: 2 }, 'MILK'])).lines).toMatchObject([{ sku: 'HAM', quantity: 3_000 }, { sku: 'MILK' }]);
  });

  it('sets and removes the line of its product', async () => {
    const shop = await shopWithCodes();
    await shop.request(ANNA, 'c1', [{ op: 'add', sku: 'MILK', quantity: 2 }]);

    expect(documentOf(await shop.request(ANNA, 'c2', [{ op: 'set', code: '5400000002649', quantity: 7 }])).lines).toMatchObject([{ quantity: 7 }]);
    expect(documentOf(await shop.request(ANNA, 'c3', [{ op: 'remove', code: '5400000002649' }])).lines).toEqual([]);
  });

  it('of a command that is repeated changes nothing, although the code is of no product any more', async () => {
    const shop = await shopWithCodes();
    const scan: ChangeBasket['operations'] = [{ op: 'add', code: '5400000002649', quantity: 2 }];
    const first = await shop.request(ANNA, 'c1', scan);
    shop.sells({ ...MILK, codes: [] });

    expect(await shop.request(ANNA, 'c1', scan)).toMatchObject({ json: first.json, replayed: true });
    await expect(shop.request(ANNA, 'c1', [{ op: 'add', sku: 'MILK', quantity: 2 }])).rejects.toMatchObject({ code: 'idempotency.mismatch' });
    await expect(shop.request(ANNA, 'c2', scan)).rejects.toMatchObject({ kind: 'rejected', code: 'barcode.unknown', details: { code: '5400000002649' } });
    await expect(shop.request({ ...ANNA, basket: 'new' }, 'c3', scan)).rejects.toMatchObject({ code: 'barcode.unknown' });
  });

  it('finds the product that has it now', async () => {
    const shop = await shopWithCodes();
    shop.sells({ ...MILK, codes: [] });
    shop.sells({ sku: 'OAT', name: 'Oat drink', unitPriceMinor: 215, codes: MILK.codes });

    expect(documentOf(await shop.request(ANNA, 'c1', [{ op: 'add', code: '5400000002649', quantity: 1 }])).lines).toMatchObject([{ sku: 'OAT' }]);
    shop.stopsSelling('OAT');
    await expect(shop.request(ANNA, 'c2', [{ op: 'add', code: '5400000002649', quantity: 1 }])).rejects.toMatchObject({ code: 'barcode.unknown' });
  });

  it.each([
    ['neither SKU nor code', {}], ['both', { sku: 'MILK', code: '5400000002649' }],
  ])('is refused with %s', async (_what, names) => {
    const shop = await shopWithCodes();

    await expect(shop.request(ANNA, 'c1', [{ op: 'clear' }, { op: 'add', quantity: 1, ...names }])).rejects.toMatchObject({
      kind: 'invalid', code: 'input.invalid', details: { errors: [{ path: '1.sku' }] },
    });
  });

  it.each<[what: string, timeZone: string, isSold: boolean]>([['yesterday in Auckland', 'Pacific/Auckland', false], ['still today in Los Angeles', 'America/Los_Angeles', true]])(
    'of goods whose last day is %s', async (_what, timeZone, isSold) => {
      const shop = await openShop({ clock: { nowMs: () => Date.parse('2026-12-01T11:30:00Z'), monotonicMs: () => 0 } });
      shop.sells(MILK);
      shop.configure({ timeZone });

      const added = shop.request(ANNA, 'c1', [{ op: 'add', code: '(01)05400000002649(17)261201', quantity: 1 }]);

      if (isSold) expect(documentOf(await added).lines).toMatchObject([{ sku: 'MILK' }]);
      else await expect(added).rejects.toMatchObject({ code: 'barcode.expired', details: { lastDay: '2026-12-01' } });
    },
  );
});

function documentOf({ json }: { json: string }): BasketDocument {
  return JSON.parse(json) as BasketDocument;
}

import { LIMITS, type Basket as BasketDocument, type DocumentReply, type Operation, type RestoreBasket } from '@aisle/contracts';
import { openShop, type Shop } from '../testing/live-baskets.ts';

const ANNA = { tenant: 'default', market: 'm1', basket: 'anna', shard: 7 };

describe('a basket whose order was rejected', () => {
  it('has its lines again at present prices, with a notice until a change has shown it', async () => {
    const shop = await openShop();
    const order = await rejected(shop, [add('GR1', 2), add('SR1', 1)]);
    shop.sells({ sku: 'SR1', name: 'Strawberries', unitPriceMinor: 550 });

    await shop.restore(ANNA, order);

    const notice = {
      code: 'orderReturned', orderId: order.orderId, reason: 'out_of_stock', missing: [{ sku: 'SR1', quantity: 1 }], lost: [],
    };
    const read = documentOf(await shop.read(ANNA));
    expect(read).toMatchObject({ version: 3, notices: [notice], total: gbp(311 + 550) });
    expect(read.lines.map(({ sku, quantity }) => [sku, quantity])).toEqual([['GR1', 2], ['SR1', 1]]);
    expect(documentOf(await shop.change(ANNA, 'c3', [add('CF1', 1)])).notices).toEqual([notice]);
    expect(documentOf(await shop.change(ANNA, 'c4', [add('CF1', 1)])).notices).toEqual([]);
  });

  it('has them once, however often the restore is repeated', async () => {
    const shop = await openShop();
    const order = await rejected(shop, [add('GR1', 2)]);

    const [first, again] = [await shop.restore(ANNA, order), await shop.restore(ANNA, order)];

    expect(again).toEqual({ ...first, replayed: true });
    expect(quantitiesIn(await shop.read(ANNA))).toEqual({ GR1: 2 });
  });

  it('keeps the lines that were added meanwhile', async () => {
    const shop = await openShop();
    const order = await rejected(shop, [add('GR1', 2)]);
    await shop.change(ANNA, 'c3', [add('GR1', 1), add('CF1', 1)]);

    await shop.restore(ANNA, order);

    expect(quantitiesIn(await shop.read(ANNA))).toEqual({ GR1: 3, CF1: 1 });
  });

  it('lists the units that do not fit, and loses no others', async () => {
    const shop = await openShop();
    const order = await rejected(shop, [add('GR1', 10), add('SR1', 3), add('CF1', 4)]);
    shop.stopsSelling('CF1');
    await shop.change(ANNA, 'c3', [{ op: 'set', sku: 'GR1', quantity: LIMITS.unitsPerLine - 4 }]);

    await shop.restore(ANNA, order);

    const read = documentOf(await shop.read(ANNA));
    expect(quantitiesOf(read)).toEqual({ GR1: LIMITS.unitsPerLine, SR1: 3 });
    expect(read.notices).toContainEqual(expect.objectContaining({
      code: 'orderReturned',
      lost: [{ sku: 'GR1', quantity: 6, reason: 'line_full' }, { sku: 'CF1', quantity: 4, reason: 'product_unknown' }],
    }));
  });
});

/** The restore of an order of these lines, which was rejected because one unit of the last line was missing. */
async function rejected(shop: Shop, operations: Operation[]): Promise<RestoreBasket> {
  await shop.change(ANNA, 'c1', operations);
  const { order } = await shop.checkOut(ANNA, 'c2');
  const lines = order!.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return { orderId: order!.orderId, reason: 'out_of_stock', lines, missing: [{ sku: lines.at(-1)!.sku, quantity: 1 }] };
}

function quantitiesIn(reply: DocumentReply) {
  return quantitiesOf(documentOf(reply));
}

function quantitiesOf({ lines }: BasketDocument) {
  return Object.fromEntries(lines.map(({ sku, quantity }) => [sku, quantity]));
}

function add(sku: string, quantity: number): Operation {
  return { op: 'add', sku, quantity };
}

function gbp(amount: number) {
  return { amount, currency: 'GBP' };
}

function documentOf({ json }: DocumentReply): BasketDocument {
  return JSON.parse(json) as BasketDocument;
}

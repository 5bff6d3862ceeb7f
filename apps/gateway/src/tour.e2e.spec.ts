import { ProblemError, aisleClient, dataOf, itemsOf, type AisleClient } from '@aisle/client';
import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { eventually } from '@aisle/std/testing';

const M1 = { market: 'm1' };
const ANNA = { ...M1, basket: 'anna' };
const BOB = { market: "Bob's list" };
const BASKET = '/v1/markets/{market}/baskets/{basket}';

// The calls of the README's tour, which the compiler checks against the OpenAPI document.
describe("the README's tour, with the typed client", () => {
  let system: TestSystem;
  let aisle: AisleClient;

  beforeAll(async () => {
    system = await startSystem({ market: 1, inventory: 1, orders: 1, 'producer-consumer': 1 });
    aisle = aisleClient({ baseUrl: system.gatewayUrl });
  });
  afterAll(() => system.stop());

  it('prices a list of products', async () => {
    const { total, lines } = await dataOf(aisle.POST('/v1/markets/{market}/quotes', {
      params: { path: M1 }, body: { items: ['GR1', 'SR1', 'GR1', 'GR1', 'CF1'] },
    }));

    expect(total).toEqual({ amount: 2_245, currency: 'GBP' });
    expect(lines[0]?.adjustments[0]?.amount.amount).toBeLessThan(0);
  });

  it('fills a basket', async () => {
    await dataOf(aisle.POST(`${BASKET}/lines`, { params: { path: ANNA }, body: { sku: 'CF1', quantity: 3 } }));
    await dataOf(aisle.PUT(`${BASKET}/lines/{sku}`, { params: { path: { ...ANNA, sku: 'SR1' } }, body: { quantity: 2 } }));
    await dataOf(aisle.POST(`${BASKET}/commands`, {
      params: { path: ANNA }, body: [{ op: 'add', sku: 'GR1', quantity: 2 }, { op: 'remove', sku: 'SR1' }],
    }));

    const { data, response } = await aisle.GET(BASKET, { params: { path: ANNA } });

    expect(data?.lines.map(({ sku, quantity }) => [sku, quantity])).toEqual([['CF1', 3], ['GR1', 2]]);
    expect(response.headers.get('etag')).toBe(`"${data?.version}"`);
  });

  it('says what is wrong with a request', async () => {
    const { error } = await aisle.POST(`${BASKET}/lines`, { params: { path: ANNA }, body: { sku: 'CF1', quantity: 1.5 } });

    expect(error).toMatchObject({ code: 'input.invalid', errors: [{ path: 'quantity' }] });
    await expect(dataOf(aisle.GET(BASKET, { params: { path: { ...M1, basket: 'nobody' } } }))).rejects.toThrow(ProblemError);
  });

  it('checks out, and finds the order among all', async () => {
    const { orderId } = await dataOf(aisle.POST(`${BASKET}/checkout`, { params: { path: ANNA } }));
    const order = (): Promise<{ status: string }> => dataOf(aisle.GET('/v1/orders/{order}', { params: { path: { order: orderId } } }));

    await eventually(async () => expect((await order()).status).toBe('CONFIRMED'));

    expect(await idsOf(itemsOf((place) => aisle.GET('/v1/orders', { params: { query: { ...place, limit: 1 } } })))).toContain(orderId);
  });

  it('makes a market with a product, and adjusts its stock', async () => {
    const path = { ...BOB, sku: 'milk' };
    await dataOf(aisle.PUT('/v1/markets/{market}', { params: { path: BOB }, body: { currency: 'EUR' } }));
    await dataOf(aisle.POST('/v1/markets/{market}/products', {
      params: { path: BOB },
      body: { sku: 'milk', name: 'Milk', price: { amount: 129, currency: 'EUR' }, quantity: 12, expiresOn: '2031-01-31' },
    }));

    const stock = await dataOf(aisle.POST('/v1/markets/{market}/products/{sku}/stock/adjustments', { params: { path }, body: { delta: -2, reason: 'broken' } }));

    expect(stock.onHand).toBe(10);
    const movements = itemsOf((place) => aisle.GET('/v1/markets/{market}/stock/movements', { params: { path: BOB, query: place } }));
    expect((await movements.next()).value).toMatchObject({ sku: 'milk' });
  });

  it('starts a consumer, and sends it a message', async () => {
    await dataOf(aisle.POST('/v1/consumers', { body: { name: 'consumer1' } }));
    await dataOf(aisle.POST('/v1/consumers/{name}/messages', { params: { path: { name: 'consumer1' } }, body: { body: 'Hello' } }));

    const { messages } = await dataOf(aisle.GET('/v1/consumers/{name}', { params: { path: { name: 'consumer1' } } }));

    expect(messages.map(({ body }) => body)).toEqual(['Hello']);
  });
});

async function idsOf(items: AsyncIterable<{ readonly id: string }>): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of items) ids.push(id);
  return ids;
}

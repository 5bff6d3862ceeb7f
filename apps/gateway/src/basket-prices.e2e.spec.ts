import type { Basket } from '@aisle/contracts';
import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { eventually } from '@aisle/std/testing';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('prices on their way from a market to open baskets', () => {
  let system: TestSystem;

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 2, market: 1 });
  });

  afterAll(() => system.stop());

  it('shows a changed price with a notice until the second change afterwards', async () => {
    const basket = await basketOf({ GR1: 1, P0001: 2 });

    await call('PATCH', 'products/P0001', { price: gbp(250) });
    await eventually(async () => expect((await read(basket)).notices).toHaveLength(1));
    const shown = await read(basket);
    const change = (await call<Basket>('POST', `baskets/${basket}/lines`, { sku: 'GR1' }, { 'if-match': `"${shown.version}"` })).body;
    const next = (await call<Basket>('POST', `baskets/${basket}/lines`, { sku: 'GR1' })).body;

    const notices = [{ code: 'priceChanged', sku: 'P0001', from: gbp(185), to: gbp(250) }];
    expect(shown).toMatchObject({ version: 4, notices, total: gbp(311 + 500) });
    expect(change).toMatchObject({ version: 5, notices, total: gbp(311 + 500) });
    expect(next).toMatchObject({ version: 6, notices: [], total: gbp(622 + 500) });
  });

  it('sells new products of a market, and those of a new market', async () => {
    const market = "Bob's list";
    await call('POST', 'products', { sku: 'B1', name: 'Beans', price: gbp(75), quantity: 10 }, {}, market);

    await eventually(async () => {
      const added = await call<Basket>('POST', 'baskets/anna/lines', { sku: 'B1', quantity: 2 }, { 'idempotency-key': newId() }, market);
      expect([added.status, added.body.total]).toEqual([201, gbp(150)]);
    });
  });

  it('keeps the line of a product that is no longer sold, refuses to add to it, and checks out without it', async () => {
    const basket = await basketOf({ P0002: 2 });

    await call('DELETE', 'products/P0002');
    await eventually(async () => {
      expect((await read(basket)).notices).toEqual([{ code: 'productUnavailable', sku: 'P0002' }]);
    });
    const more = await call<Problem>('POST', `baskets/${basket}/lines`, { sku: 'P0002' });
    const checkout = await call<Problem>('POST', `baskets/${basket}/checkout`);
    const without = await call<Basket>('DELETE', `baskets/${basket}/lines/P0002`);

    expect([more.status, more.body.code]).toEqual([422, 'product.unknown']);
    expect([checkout.status, checkout.body.code]).toEqual([422, 'basket.products_unavailable']);
    expect(without.body).toMatchObject({ lines: [], notices: [], total: gbp(0) });
  });

  it('has logged no error', () => {
    expect(system.errors()).toEqual([]);
  });

  async function basketOf(held: Record<string, number>): Promise<string> {
    const basket = newId();
    await eventually(async () => expect([200, 201]).toContain((await call('PUT', `baskets/${basket}`)).status));
    for (const [sku, quantity] of Object.entries(held)) {
      expect((await call('POST', `baskets/${basket}/lines`, { sku, quantity })).status).toBe(200);
    }
    return basket;
  }

  async function read(basket: string): Promise<Basket> {
    return (await call<Basket>('GET', `baskets/${basket}`)).body;
  }

  async function call<T>(
    method: string, path: string, body?: unknown, headers: Record<string, string> = {}, market = 'm1',
  ): Promise<{ status: number; body: T }> {
    const response = await fetch(`${system.gatewayUrl}/v1/markets/${encodeURIComponent(market)}/${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : JSON_TYPE) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
  }
});

interface Problem {
  readonly code: string;
}

let ids = 0;

function newId(): string {
  ids += 1;
  return `priced-${ids}`;
}

function gbp(amount: number) {
  return { amount, currency: 'GBP' };
}

import { Client } from 'pg';
import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { eventually } from '@aisle/std/testing';

const GOOD = '2031-12-20';
const PAST = '2020-01-01';

interface Answer {
  readonly status: number;
  // The type of the body depends on the route; each test asserts the fields that it needs.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

describe('stock promised to orders, with every process behind the gateway', () => {
  let system: TestSystem;
  let database: Client;
  let names = 0;

  beforeAll(async () => {
    system = await startSystem({ 'basket-server': 1, market: 1, orders: 1, inventory: 1 });
    const url = new URL(system.adminDatabaseUrl);
    url.pathname = new URL(system.databaseUrlOf('orders')).pathname;
    database = new Client({ connectionString: url.toString() });
    await database.connect();
  });

  afterAll(async () => {
    await database.end();
    await system.stop();
  });

  it.each([
    ['two for one', 'GR1', 2, 1, 311], ['the price of three or more', 'SR1', 9_999, 2, 1_000], ['two thirds from three on', 'CF1', 9_999, 1, 1_123],
  ])('is priced by the rules for the delivered units: %s', async (_what, sku, wanted, there, total) => {
    await sold('/v1/markets/m2', sku);
    expect((await call('PATCH', `/v1/markets/m2/products/${sku}`, { quantity: there })).status).toBe(200);

    const { body } = await call('POST', '/v1/orders', { market: 'm2', allowPartial: true, lines: [{ sku, quantity: wanted }] });

    const order = await ended(body.id, 'CONFIRMED');
    expect(order.total.amount).toBe(total);
    expect(order.missing).toEqual([{ sku, quantity: wanted - there }]);
    expect(order.lines).toMatchObject([{ sku, quantity: wanted, missing: wanted - there, gross: { amount: total }, total: { amount: total } }]);
    const quote = await call('POST', '/v1/markets/m2/quotes', { items: [{ sku, quantity: there }] });
    expect(order.total).toEqual(quote.body.total);
  });

  it('cannot be sold to others, even if expired units are on hand', async () => {
    const market = await someMarket();
    const milk = `${market}/products/milk`;
    await call('POST', `${market}/products`, product('milk'));
    await call('POST', `${milk}/stock/adjustments`, { delta: 5, reason: 'old', lot: 'OLD', expiresOn: PAST });
    await call('POST', `${milk}/stock/adjustments`, { delta: 5, reason: 'new', lot: 'NEW', expiresOn: GOOD });
    const order = await confirmed(market, 'milk', 4);

    const refusals = [
      await call('POST', `${milk}/stock/adjustments`, { delta: -5, reason: 'dropped', lot: 'NEW', kind: 'written_off' }),
      await call('POST', `${milk}/stock/adjustments`, { delta: -2, reason: 'dropped', lot: 'NEW' }),
      await call('PATCH', milk, { quantity: 3 }),
    ];

    expect(refusals.map(({ status, body }) => [status, body.code])).toEqual([
      [422, 'stock.promised'], [422, 'stock.promised'], [422, 'stock.insufficient'],
    ]);
    expect(refusals[0]?.body.details).toEqual({ sku: 'milk', good: 5, left: 0, reserved: 4 });
    expect((await call('POST', `/v1/orders/${order}/fulfil`)).body.status).toBe('FULFILLED');
  });

  it('is listed as at risk when it expires, and is safe again once good units arrive', async () => {
    const market = await someMarket();
    const eggs = `${market}/products/eggs`;
    await call('POST', `${market}/products`, { ...product('eggs'), quantity: 3, expiresOn: GOOD });
    const order = await confirmed(market, 'eggs', 3);
    const dated = await call('PATCH', eggs, { expiresOn: PAST });
    expect([dated.status, dated.body.code]).toEqual([422, 'stock.promised']);
    // The test cannot wait for midnight, so it dates the row back before the market restarts.
    for (const app of system.apps.filter(({ instance }) => instance.startsWith('market'))) {
      app.signal('SIGKILL');
      await app.ended();
    }
    await database.query('UPDATE market.lot SET expires_on = $2 WHERE sku = $1', ['eggs', PAST]);
    await system.start('market');

    await eventually(async () => expect((await call('POST', `${eggs}/stock/adjustments`, {
      delta: 1, reason: 'found', expiresOn: '2020-02-02',
    })).status).toBe(200));

    await eventually(async () => expect((await call('GET', `/v1/orders/${order}`)).body.atRisk).toBe(true));
    const listed = await call('GET', `/v1/orders?atRisk=true&market=${market.split('/').at(-1)}`);
    expect(listed.body.items.map(({ id }: { id: string }) => id)).toEqual([order]);
    expect((await call('GET', `${market}/stock/alerts`)).body.items).toContainEqual({
      type: 'promises_at_risk', sku: 'eggs', promised: 3, good: 0,
    });
    expect((await call('POST', `/v1/orders/${order}/fulfil`)).body.code).toBe('stock.expired');

    const delivered = await call('POST', `${eggs}/stock/adjustments`, { delta: 3, reason: 'delivery', lot: 'fresh', expiresOn: GOOD });
    expect(delivered.status).toBe(200);

    await eventually(async () => expect((await call('GET', `/v1/orders/${order}`)).body).not.toHaveProperty('atRisk'));
    expect((await call('POST', `/v1/orders/${order}/fulfil`)).body.status).toBe('FULFILLED');
  });

  it('is the only stock that remains of a deleted product', async () => {
    const market = await someMarket();
    const jam = `${market}/products/jam`;
    await call('POST', `${market}/products`, { ...product('jam'), quantity: 10 });
    const [kept, given] = [await confirmed(market, 'jam', 2), await confirmed(market, 'jam', 3)];

    expect((await call('DELETE', jam)).status).toBe(204);
    expect((await call('POST', `/v1/orders/${kept}/fulfil`)).body.status).toBe('FULFILLED');
    expect((await call('POST', `/v1/orders/${given}/cancel`)).body.status).toBe('CANCELLED');
    const again = await call('POST', `${market}/products`, product('jam'));

    expect([again.status, again.body.quantity]).toEqual([201, 0]);
    const movements = (await call('GET', `${market}/stock/movements`)).body.items as { kind: string; delta: number; reason: string }[];
    expect(movements.map(({ kind, delta, reason }) => [kind, delta, reason])).toEqual([
      ['initial', 10, null], ['written_off', -5, 'product deleted'], ['fulfilled', -2, null], ['written_off', -3, 'product deleted'],
    ]);
  });

  it('has logged no error', () => {
    expect(system.errors()).toEqual([]);
  });

  function product(sku: string) {
    return { sku, name: sku, price: { amount: 129, currency: 'GBP' } };
  }

  async function someMarket(): Promise<string> {
    const market = `/v1/markets/promises-${(names += 1)}`;
    await call('PUT', market, { currency: 'GBP' });
    return market;
  }

  /** Waits until an event has made a product known to baskets, so that it can be ordered. */
  function sold(market: string, sku: string): Promise<void> {
    return eventually(async () => expect((await call('POST', `${market}/quotes`, { items: [sku] })).status).toBe(200));
  }

  async function confirmed(market: string, sku: string, quantity: number): Promise<string> {
    await sold(market, sku);
    const { body } = await call('POST', '/v1/orders', { market: market.split('/').at(-1), lines: [{ sku, quantity }] });
    await ended(body.id, 'CONFIRMED');
    return body.id as string;
  }

  function ended(id: string, status: string): Promise<Answer['body']> {
    return eventually(async () => {
      const { body } = await call('GET', `/v1/orders/${id}`);
      expect(body.status).toBe(status);
      return body;
    });
  }

  /** Repeats unavailable requests under the same key, as a client does. */
  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const key = { 'idempotency-key': `promise ${(names += 1)}` };
    for (;;) {
      const response = await fetch(system.gatewayUrl + path, {
        method,
        headers: { ...key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (![429, 503, 504].includes(response.status)) return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    }
  }
});

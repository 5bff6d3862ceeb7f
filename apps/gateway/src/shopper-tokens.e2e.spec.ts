import { createHash } from 'node:crypto';
import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { SCOPES, isMarketScope, type Scope } from '@aisle/contracts';
import { eventually } from '@aisle/std/testing';

const SECRET = 'c'.repeat(43);
const ADMIN = `aisle_admin_${SECRET}`;
const SKU = 'milk';
const ANNA = '/v1/markets/town/baskets/anna';

describe("a shopper's token", () => {
  let system: TestSystem;
  /** The key of a till in `town`, and its id. */
  let till: { readonly id: string; readonly key: string };
  /** A token for Anna's basket. */
  let anna: string;

  beforeAll(async () => {
    system = await startSystem({ market: 1, orders: 1, inventory: 1 }, {
      environmentOf: async () => ({ ANONYMOUS_SCOPES: '', ADMIN_KEY_SHA256: createHash('sha256').update(SECRET).digest('hex') }),
    });
    for (const market of ['town', 'village']) {
      const product = { sku: SKU, name: 'Milk', price: { amount: 129, currency: 'GBP' }, quantity: 50 };
      await eventually(async () => expect([201, 409]).toContain((await call('POST', `/v1/markets/${market}/products`, ADMIN, product)).status));
    }
    await eventually(async () => expect((await call('POST', '/v1/markets/town/baskets/first/lines', ADMIN, { sku: SKU })).status).toBe(201));
    till = await newKey();
  });
  afterAll(() => system.stop());
  beforeEach(async () => {
    anna = await tokenFor('anna');
    await call('PUT', `${ANNA}/lines/${SKU}`, anna, { quantity: 1 });
  });

  it('opens, reads and changes its basket, and reads the products of its market', async () => {
    const added = await call('POST', `${ANNA}/lines`, anna, { sku: SKU, quantity: 2 });
    expect([added.status, added.body.lines[0].quantity]).toEqual([200, 3]);

    expect((await call('GET', ANNA, anna)).body.lines).toHaveLength(1);
    expect((await call('PUT', ANNA, anna)).status).toBe(200);
    expect((await call('PATCH', ANNA, anna)).status).toBe(405);
    expect((await call('GET', '/v1/markets/town/products', anna)).body.items).toMatchObject([{ sku: SKU }]);
    expect((await call('GET', `/v1/markets/town/products/${SKU}`, anna)).status).toBe(200);
    const { items } = (await call('GET', `${ANNA}/journal`, till.key)).body as { items: { by: string }[] };
    expect(items.at(-1)?.by).toMatch(/^shopper\/[0-9a-f]{32}$/);
  });

  it.each<[what: string, method: string, path: string, body: object | undefined]>([
    ['merge baskets', 'POST', `${ANNA}/merge`, { from: 'paul', mode: 'sum' }], ['read the history of its basket', 'GET', `${ANNA}/journal`, undefined],
    ['order without a basket', 'POST', '/v1/orders', { market: 'town', lines: [{ sku: SKU }] }], ['list orders', 'GET', '/v1/orders', undefined],
    ['cancel an order', 'POST', '/v1/orders/any/cancel', undefined], ['fulfil an order', 'POST', '/v1/orders/any/fulfil', undefined],
    ['price as a server does', 'POST', '/v1/markets/town/quotes', { items: [SKU] }], ['read stock', 'GET', `/v1/markets/town/products/${SKU}/stock`, undefined],
    ['change stock', 'POST', `/v1/markets/town/products/${SKU}/stock/adjustments`, { delta: 5, reason: 'mine' }],
    ['change a price', 'PATCH', `/v1/markets/town/products/${SKU}`, { price: { amount: 1, currency: 'GBP' } }], ['list markets', 'GET', '/v1/markets', undefined],
    ['issue a token', 'POST', '/v1/tokens', { market: 'town', basket: 'anna' }], ['make a key', 'POST', '/v1/keys', { name: 'mine', scopes: ['orders:read'] }],
  ])('may not %s', async (_what, method, path, body) => {
    const { status, body: problem } = await call(method, path, anna, body);

    expect([status, problem.code]).toEqual([403, 'identity.scope_missing']);
  });

  it('knows no other basket, and no other market', async () => {
    await call('POST', '/v1/markets/town/baskets/paul/lines', till.key, { sku: SKU });
    const absent = (await call('GET', '/v1/markets/town/baskets/nobody', till.key)).body;
    for (const [method, path, body] of [
      ['GET', ''], ['PUT', ''], ['POST', '/lines', { sku: SKU }], ['DELETE', ''], ['POST', '/checkout', {}],
    ] as const) {
      const { instance: _ours, traceId: _trace, ...problem } = (await call(method, `/v1/markets/town/baskets/paul${path}`, anna, body)).body;
      const { instance: _theirs, traceId: _other, ...expected } = absent;
      expect(problem).toEqual(expected);
    }
    expect((await call('GET', '/v1/markets/village/baskets/anna', anna)).body.code).toBe('market.unknown');
    expect((await call('GET', '/v1/markets/village/products', anna)).body.code).toBe('market.unknown');
    expect((await call('GET', '/v1/markets/town/baskets/paul', till.key)).body.lines).toHaveLength(1);
  });

  it('ends with the checkout, and reads the order that the basket became, but none of an earlier or later shopper', async () => {
    const key = 'checkout-of-anna';
    const first = await call('POST', `${ANNA}/checkout`, anna, {}, { 'idempotency-key': key });
    expect(first.status).toBe(202);

    const again = await call('POST', `${ANNA}/checkout`, anna, {}, { 'idempotency-key': key });
    expect([again.status, again.body.orderId]).toEqual([202, first.body.orderId]);
    for (const [method, path, body] of [['GET', ''], ['PUT', ''], ['POST', '/lines', { sku: SKU }], ['POST', '/checkout', {}]] as const) {
      const { status, body: problem } = await call(method, `${ANNA}${path}`, anna, body);
      expect([method, status, problem.code]).toEqual([method, 401, 'basket.opening_over']);
    }

    const next = await tokenFor('anna');
    expect((await call('POST', `${ANNA}/lines`, next, { sku: SKU })).status).toBe(200);
    const second = await call('POST', `${ANNA}/checkout`, next, {});
    const ordered = await Promise.all([anna, next].map(async (token) =>
      Promise.all([first, second].map(async ({ body: { orderId } }) => (await call('GET', `/v1/orders/${orderId}`, token)).status))));
    expect(ordered).toEqual([[200, 404], [404, 200]]);
    expect((await call('GET', `/v1/orders/${first.body.orderId}/history`, anna)).body.items[0].by).toMatch(/^shopper\//);
    expect((await call('GET', `/v1/orders/${first.body.orderId}/history`, next)).status).toBe(404);
  });

  it('ends with the key that issued it', async () => {
    const other = await newKey();
    const token = await tokenFor('berta', other.key);
    expect((await call('PUT', '/v1/markets/town/baskets/berta', token)).status).toBe(201);

    expect((await call('DELETE', `/v1/keys/${other.id}`, ADMIN)).status).toBe(204);

    expect((await call('GET', '/v1/markets/town/baskets/berta', token)).body.code).toBe('identity.invalid');
    expect((await call('GET', '/v1/markets/town/baskets/berta', till.key)).status).toBe(200);
  });

  it('ends after its time', async () => {
    const token = await tokenFor('carl', till.key, 1);

    await eventually(async () => expect((await call('PUT', '/v1/markets/town/baskets/carl', token)).body.code).toBe('identity.invalid'));
  });

  it.each<[what: string, forged: (token: string) => string]>([
    ['another signature', (token) => `${token.slice(0, -2)}AA`], ['no signature', (token) => token.slice(0, token.lastIndexOf('.') + 1)],
    ['another basket in it', (token) => rewritten(token, { basket: 'paul' })], ['nothing in it', () => 'aisle_shopper_'],
  ])('is refused with %s', async (_what, forged) => {
    expect((await call('GET', ANNA, forged(anna))).body.code).toBe('identity.invalid');
  });

  it('is issued in the markets of the key alone, and for none that was merged away', async () => {
    expect((await call('POST', '/v1/tokens', till.key, { market: 'village', basket: 'anna' })).body.code).toBe('market.unknown');

    await call('POST', '/v1/markets/town/baskets/guest/lines', till.key, { sku: SKU });
    await call('POST', '/v1/markets/town/baskets/user/merge', till.key, { from: 'guest', mode: 'sum' });
    expect((await call('POST', '/v1/tokens', till.key, { market: 'town', basket: 'guest' })).body.code).toBe('basket.merged');
  });

  async function newKey(): Promise<{ id: string; key: string }> {
    const scopes: Scope[] = SCOPES.filter(isMarketScope);
    return (await call('POST', '/v1/keys', ADMIN, { name: 'till', scopes, markets: ['town'] })).body;
  }

  async function tokenFor(basket: string, key = till.key, ttlSeconds = 600): Promise<string> {
    return (await call('POST', '/v1/tokens', key, { market: 'town', basket, ttlSeconds })).body.token as string;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async function call(method: string, path: string, key: string, body?: object, headers?: object): Promise<{ status: number; body: any }> {
    const response = await fetch(system.gatewayUrl + path, {
      method, headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  }
});

/** The token with other claims, under the same signature. */
function rewritten(token: string, claims: object): string {
  const [head = '', payload = '', signature = ''] = token.split('.');
  const changed = { ...(JSON.parse(Buffer.from(payload, 'base64url').toString()) as object), ...claims };
  return [head, Buffer.from(JSON.stringify(changed)).toString('base64url'), signature].join('.');
}

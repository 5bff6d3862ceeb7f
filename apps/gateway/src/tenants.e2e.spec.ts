import { createHash } from 'node:crypto';
import { startSystem, type TestSystem } from '@aisle/dev/testing';
import { SCOPES, TOPICS, isMarketScope, type NewKey, type Scope } from '@aisle/contracts';
import { eventually } from '@aisle/std/testing';
import { Redis } from 'ioredis';
import { Client } from 'pg';

const SECRET = 'b'.repeat(43);
const ADMIN = `aisle_admin_${SECRET}`;
const PRICE = { amount: 129, currency: 'GBP' };
const SKU = 'milk';

describe('a closed system with two tenants', () => {
  let system: TestSystem;
  /** Two tenants with equal names, and a key that is restricted to the market `town` of the first. */
  const keys = { one: '', other: '', town: '' };

  beforeAll(async () => {
    system = await startSystem({ market: 1, orders: 1, inventory: 1, 'producer-consumer': 1 }, {
      environmentOf: async () => ({ ANONYMOUS_SCOPES: '', ADMIN_KEY_SHA256: createHash('sha256').update(SECRET).digest('hex') }),
    });
    await keepEvents();
    const all = SCOPES.filter((scope) => !scope.startsWith('strategies:'));
    keys.one = await issue({ scopes: all, tenant: 'one' });
    keys.other = await issue({ scopes: all, tenant: 'other' });
    keys.town = await issue({ scopes: all.filter(isMarketScope), tenant: 'one', markets: ['town'] });
    for (const key of [keys.one, keys.other]) for (const market of ['town', 'village']) await stock(key, market, key === keys.one ? 5 : 7);
  });
  afterAll(() => system.stop());

  it('answers nobody without a key', async () => {
    expect((await call('GET', '/v1/markets')).status).toBe(401);
    expect((await fetch(`${system.gatewayUrl}/openapi.json`)).status).toBe(200);
  });

  it('keeps their markets, products, stock, baskets and orders apart, although they have the same names', async () => {
    for (const [key, quantity] of [[keys.one, 2], [keys.other, 3]] as const) {
      await eventually(async () => (await call('POST', '/v1/markets/town/baskets/anna/lines', key, { sku: SKU, quantity })).status < 300);
    }
    const bought = async (key: string): Promise<unknown> => (await call('GET', '/v1/markets/town/baskets/anna', key)).body.lines[0].quantity;
    expect([await bought(keys.one), await bought(keys.other)]).toEqual([2, 3]);

    const { body: order } = await call('POST', '/v1/markets/town/baskets/anna/checkout', keys.one);
    await eventually(async () => (await call('GET', `/v1/orders/${order.orderId}`, keys.one)).body.status === 'CONFIRMED');

    const idsOf = async (key: string): Promise<unknown> => (await call('GET', '/v1/orders', key)).body.items.map(({ id }: { id: string }) => id);
    expect([await idsOf(keys.one), await idsOf(keys.other)]).toEqual([[order.orderId], []]);
    expect(await bought(keys.other)).toBe(3);
    const onHand = async (key: string): Promise<unknown> => (await call('GET', `/v1/markets/town/products/${SKU}/stock`, key)).body.reserved;
    expect([await onHand(keys.one), await onHand(keys.other)]).toEqual([2, 0]);
    for (const [method, action] of [['GET', ''], ['GET', '/history'], ['POST', '/cancel'], ['POST', '/fulfil']] as const) {
      const foreign = await call(method, `/v1/orders/${order.orderId}${action}`, keys.other);
      expect(comparable(foreign, order.orderId)).toEqual(comparable(await call(method, `/v1/orders/nothing${action}`, keys.other), 'nothing'));
    }
  });

  it('has consumers and pipelines of one name for each tenant', async () => {
    expect((await call('POST', '/v1/consumers', keys.one, { name: 'till' })).status).toBe(201);
    await call('POST', '/v1/consumers/till/messages', keys.one, { body: 'secret' });
    expect((await call('GET', '/v1/consumers/till', keys.other)).body.code).toBe('consumer.missing');

    expect((await call('POST', '/v1/consumers', keys.other, { name: 'till' })).status).toBe(201);
    expect((await call('GET', '/v1/consumers/till', keys.other)).body.messages).toEqual([]);
    expect((await call('PUT', '/v1/pipelines/night', keys.one, { rate: 1 })).status).toBe(201);
    expect((await call('GET', '/v1/pipelines', keys.other)).body.items).toEqual([]);
  });

  it('shows a key of one market nothing of another, as if that did not exist', async () => {
    const placed = await call('POST', '/v1/orders', keys.one, { market: 'village', lines: [{ sku: SKU, quantity: 1 }] });
    const { id } = placed.body;

    expect((await call('GET', '/v1/markets', keys.town)).body.items.map((market: { id: string }) => market.id)).toEqual(['town']);
    const inTown = (await call('GET', '/v1/orders', keys.town)).body.items as { market: string }[];
    expect(new Set(inTown.map(({ market }) => market))).toEqual(new Set(['town']));
    expect((await call('GET', '/v1/orders?market=village', keys.town)).body).toEqual({ items: [], next: null });
    for (const [method, action] of [['GET', ''], ['GET', '/history'], ['POST', '/cancel'], ['POST', '/fulfil']] as const) {
      const foreign = await call(method, `/v1/orders/${id}${action}`, keys.town);
      expect(comparable(foreign, id)).toEqual(comparable(await call(method, `/v1/orders/nothing${action}`, keys.town), 'nothing'));
    }
    const foreign = await call('GET', '/v1/markets/village', keys.town);
    expect(comparable(foreign, 'village')).toEqual(comparable(await call('GET', '/v1/markets/nowhere', keys.one), 'nowhere'));
    expect((await call('POST', '/v1/orders', keys.town, { market: 'village', lines: [{ sku: SKU, quantity: 1 }] })).body.code).toBe('market.unknown');
    expect((await call('PUT', '/v1/markets/new', keys.town, { currency: 'GBP' })).status).toBe(404);
    expect((await call('GET', `/v1/orders/${id}`, keys.one)).body.status).not.toBe('CANCELLED');
  });

  it('ends a stream when its key is revoked', async () => {
    const { id, key } = (await call('POST', '/v1/keys', ADMIN, { name: 'watcher', tenant: 'one', scopes: ['pipelines:read', 'pipelines:write'] })).body;
    await call('PUT', '/v1/pipelines/watched', key, { rate: 1 });
    const stream = await fetch(`${system.gatewayUrl}/v1/pipelines/watched/metrics`, { headers: { authorization: `Bearer ${key}` } });
    expect(stream.status).toBe(200);

    await call('DELETE', `/v1/keys/${id}`, ADMIN);

    // It resolves at the end of the stream.
    expect(await stream.text()).toContain('retry: 2000');
  });

  it('names the principal in the audit of a strategy', async () => {
    const { id, key } = (await call('POST', '/v1/keys', ADMIN, { name: 'buyer', scopes: ['strategies:read', 'strategies:write'] })).body;
    const deal = { name: 'night', version: '1', use: 'fixed-off@1', params: { amountMinor: 10 }, scope: { skus: [SKU], currencies: ['GBP'] } };
    expect((await call('POST', '/v1/strategies', key, deal)).status).toBe(201);
    expect((await call('DELETE', '/v1/strategies/night/versions/1', ADMIN)).status).toBe(204);

    expect((await call('POST', '/v1/strategies', keys.one, deal)).body.code).toBe('identity.scope_missing');
    await call('POST', '/v1/strategies', key, deal);
    const { items } = (await call('GET', '/v1/strategies/night/audit', key)).body as { items: { by: string; action: string }[] };
    expect(items.map(({ action, by }) => [action, by]).reverse()).toEqual([['added', `key/${id}`], ['deleted', 'admin'], ['added', `key/${id}`]]);
  });

  it('names the principal in the history of a basket, in movements of stock, in the history of an order, and in events', async () => {
    const { id, key } = (await call('POST', '/v1/keys', ADMIN, { name: 'till', tenant: 'one', scopes: SCOPES.filter(isMarketScope) })).body;
    const by = `key/${id}`;
    await call('POST', '/v1/markets/town/baskets/paul/lines', key, { sku: SKU });
    const { orderId } = (await call('POST', '/v1/markets/town/baskets/paul/checkout', key)).body;
    await eventually(async () => (await call('GET', `/v1/orders/${orderId}`, key)).body.status === 'CONFIRMED');

    await call('POST', `/v1/orders/${orderId}/fulfil`, key);
    await call('POST', `/v1/markets/town/products/${SKU}/stock/adjustments`, keys.one, { delta: 3, reason: 'delivery' });

    type Named = { readonly by?: string };
    const changes = (await call('GET', '/v1/markets/town/baskets/paul/journal', key)).body.items as Named[];
    expect(changes.map((change) => change.by)).toEqual([by, by]);
    const history = (await call('GET', `/v1/orders/${orderId}/history`, key)).body.items as (Named & { status: string })[];
    expect(history.map((entry) => [entry.status, entry.by])).toEqual([['PENDING', by], ['RESERVED', undefined], ['CONFIRMED', undefined], ['FULFILLED', by]]);
    const movements = (await call('GET', '/v1/markets/town/stock/movements', key)).body.items as (Named & { orderId: string | null; reason: string | null })[];
    expect(movements.filter((one) => one.orderId === orderId).map((one) => one.by)).toEqual([by]);
    expect(movements.filter(({ reason }) => reason === 'delivery').map((one) => one.by)).toEqual([expect.stringMatching(/^key\/(?!.*till)/)]);
    await eventually(async () => {
      const events = await published();
      expect(events.filter((event) => event.key === orderId).map(({ type, ...event }) => [type, event.by])).toEqual(
        expect.arrayContaining([['OrderCreated', by], ['OrderConfirmed', undefined], ['OrderFulfilled', by]]));
      expect(events.filter(({ type, data }) => type === 'StockMoved' && data.orderId === orderId).map((event) => event.by)).toEqual([by]);
    });
  });

  it('shows no secret in its logs, metrics and views', async () => {
    const secrets = [ADMIN, ...Object.values(keys)].map((key) => key.slice(-43));
    const shown = await Promise.all(system.apps.map(async ({ opsUrl, logs }) => {
      const { views } = (await (await fetch(`${opsUrl}/ops`)).json()) as { views: string[] };
      const pages = ['/metrics', ...views].map(async (path) => (await fetch(opsUrl + path)).text());
      return [...logs, ...(await Promise.all(pages))];
    }));

    expect(shown.flat().length).toBeGreaterThan(20);
    expect(shown.flat().filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([]);
  });

  /** Registers a consumer that reads nothing, for which events are kept. */
  async function keepEvents(): Promise<void> {
    const url = new URL(system.adminDatabaseUrl);
    url.pathname = new URL(system.databaseUrlOf('market')).pathname;
    const client = new Client({ connectionString: url.toString() });
    await client.connect();
    await client.query(`INSERT INTO events.checkpoint (consumer, topic, partition)
      SELECT 'reads-nothing', topic, partition FROM unnest($1::text[]) AS topic, generate_series(0, 3) AS partition`, [Object.values(TOPICS)]);
    await client.end();
  }

  /** The events that Redis has. */
  async function published(): Promise<{ type: string; key: string; by?: string; data: { orderId?: string } }[]> {
    const redis = new Redis(system.redisUrl);
    const streams = await redis.keys(`${system.redisKeyPrefix}:events:{*}:*`);
    const entries = await Promise.all(streams.map((stream) => redis.xrange(stream, '-', '+')));
    redis.disconnect();
    return entries.flat().map(([, fields]) => JSON.parse(fields[1] as string) as Awaited<ReturnType<typeof published>>[number]);
  }

  async function issue(wanted: Omit<NewKey, 'name'> & { scopes: Scope[] }): Promise<string> {
    return (await call('POST', '/v1/keys', ADMIN, { name: 'test', ...wanted })).body.key as string;
  }

  async function stock(key: string, market: string, quantity: number): Promise<void> {
    const product = { sku: SKU, name: 'Milk', price: PRICE, quantity };
    await eventually(async () => [201, 409].includes((await call('POST', `/v1/markets/${market}/products`, key, product)).status));
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  async function call(method: string, path: string, key?: string, body?: unknown): Promise<{ status: number; body: any }> {
    for (;;) {
      const response = await fetch(system.gatewayUrl + path, {
        method,
        headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (![503, 504].includes(response.status)) return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
    }
  }
});

/** An answer about `id`, without the id itself and its trace. */
function comparable({ status, body }: { status: number; body: unknown }, id: string): unknown {
  const text = JSON.stringify(body).replaceAll(id, 'ID');
  return [status, JSON.parse(text, (name, value: unknown) => (name === 'traceId' ? undefined : value))];
}

import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { DEFAULT_TENANT, SCOPES, isMarketScope, type Scope } from '@aisle/contracts';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { systemRuntime } from '@aisle/std';
import { KeyRepository } from '../keys/key.repository.ts';
import { gatewaySchemas } from '../schema.ts';
import { signShopper } from '../shoppers/shopper-tokens.ts';
import { ShopperConfig } from '../shoppers/shopper.config.ts';
import { ADMIN, SHOPPER_TOKEN_KEYS, TestGateway, type Operation } from '../testing/open-gateway.ts';

const OF_MARKETS = SCOPES.filter(isMarketScope);
const OF_TENANTS = SCOPES.filter((scope) => !scope.startsWith('strategies:'));
const SECRET = 's'.repeat(43);
const EXPIRED = { id: '0'.repeat(32), text: `aisle_${'0'.repeat(32)}_${SECRET}` };

describe('each route', () => {
  let database: TestDatabase;
  let gateway: TestGateway;
  let routes: readonly (Operation & { scope: Scope })[];
  const keys: Record<'right' | 'otherMarket' | 'otherTenant' | 'revoked', string> = { right: '', otherMarket: '', otherTenant: '', revoked: '' };
  const lacking = new Map<Scope, string>();

  beforeAll(async () => {
    database = await testDatabase(...gatewaySchemas);
    await storeExpiredKey(database.appUrl);
    gateway = await TestGateway.start({ DATABASE_URL: database.appUrl });
    routes = gateway.operations.filter((one): one is Operation & { scope: Scope } => one.scope !== undefined);
    keys.right = (await gateway.issue({ scopes: [...SCOPES] })).key;
    keys.otherMarket = (await gateway.issue({ scopes: OF_MARKETS, markets: ['m2'] })).key;
    keys.otherTenant = (await gateway.issue({ scopes: OF_TENANTS, tenant: 'other' })).key;
    const revoked = await gateway.issue({ scopes: [...SCOPES] });
    await gateway.app.inject({ method: 'DELETE', url: `/v1/keys/${revoked.id}`, headers: { authorization: `Bearer ${ADMIN.key}` } });
    keys.revoked = revoked.key;
    for (const scope of SCOPES) lacking.set(scope, (await gateway.issue({ scopes: SCOPES.filter((one) => one !== scope) })).key);
  });
  afterAll(async () => {
    await gateway.stop();
    await database.drop();
  });
  beforeEach(() => void gateway.asked.splice(0));

  it('declares a scope, except those of the documentation', () => {
    const open = gateway.operations.filter(({ scope }) => scope === undefined).map(({ path }) => path);

    expect(routes.length).toBeGreaterThan(60);
    expect(open.filter((path) => !/^\/(docs|openapi|problems)/.test(path))).toEqual([]);
    expect([...new Set(routes.map(({ scope }) => scope))].sort()).toEqual([...SCOPES].sort());
  });

  it.each<[what: string, key: () => string | undefined, code: string]>([
    ['no credential', () => undefined, 'identity.required'],
    ['an expired key', () => EXPIRED.text, 'identity.invalid'],
    ['a revoked key', () => keys.revoked, 'identity.invalid'],
    ['the id of a key with another secret', () => keys.right.slice(0, -43) + SECRET, 'identity.invalid'],
    ['an unknown key', () => `aisle_${'1'.repeat(32)}_${SECRET}`, 'identity.invalid'],
    ['no key of ours', () => 'eyJhbGciOiJub25lIn0.e30.', 'identity.invalid'],
    ["another administrator's key", () => `aisle_admin_${SECRET}`, 'identity.invalid'],
  ])('refuses %s', async (_what, key, code) => {
    for (const route of routes) {
      const answer = await gateway.call(route, key());

      expect([nameOf(route), answer.status, answer.headers['www-authenticate']]).toEqual([nameOf(route), 401, 'Bearer realm="aisle"']);
      if (route.method !== 'HEAD') expect([nameOf(route), answer.code]).toEqual([nameOf(route), code]);
    }
    expect(gateway.asked).toEqual([]);
  });

  it('refuses a key without its scope, although it has all others', async () => {
    for (const route of routes) {
      const { status, body } = await gateway.call(route, lacking.get(route.scope));

      expect([nameOf(route), status]).toEqual([nameOf(route), 403]);
      if (route.method !== 'HEAD') expect(JSON.parse(body)).toMatchObject({ code: 'identity.scope_missing', details: { scope: route.scope } });
    }
    expect(gateway.asked).toEqual([]);
  });

  it('of a market does not exist for a key of other markets, and asks nobody', async () => {
    for (const route of routes.filter(({ path }) => path.includes(':market'))) {
      const { status, code } = await gateway.call(route, keys.otherMarket, 'm1');

      expect([nameOf(route), status, code]).toEqual([nameOf(route), 404, route.method === 'HEAD' ? undefined : 'market.unknown']);
    }
    expect(gateway.asked).toEqual([]);
  });

  it('of the whole chain is refused to a key of some markets', async () => {
    for (const route of routes.filter(({ scope }) => !isMarketScope(scope))) {
      expect([nameOf(route), (await gateway.call(route, keys.otherMarket)).status]).toEqual([nameOf(route), 403]);
    }
    expect(gateway.asked).toEqual([]);
  });

  it.each<[what: string, key: () => string, tenant: string]>([
    ['every right', () => keys.right, DEFAULT_TENANT], ['its market', () => keys.otherMarket, DEFAULT_TENANT],
    ['another tenant', () => keys.otherTenant, 'other'],
  ])('asks as the tenant of a key with %s', async (what, key, tenant) => {
    const mine = routes.filter(({ scope }) => (what === 'its market' ? isMarketScope(scope) : what === 'every right' || !scope.startsWith('strategies:')));

    for (const route of mine) {
      gateway.asked.splice(0);
      const { status, code } = await gateway.call(route, key(), 'm2');

      expect([nameOf(route), [401, 403].includes(status)]).toEqual([nameOf(route), false]);
      // Keys and denials are the gateway's own, and an order without a market of the key is not placed.
      if (/^\/v1\/(keys|denials)/.test(route.path) || code === 'market.unknown') continue;
      expect([nameOf(route), [...new Set(gateway.asked.map((one) => one.tenant))]]).toEqual([nameOf(route), [tenant]]);
      if (code !== undefined) expect([nameOf(route), code]).toEqual([nameOf(route), 'test.nothing']);
    }
  });

  it('is open to a shopper where it says so, for his basket alone', async () => {
    const { SHOPPER_TOKEN_KEYS: keys = new Map() } = ShopperConfig.parse({ SHOPPER_TOKEN_KEYS });
    const grant = { id: 'one', tenant: DEFAULT_TENANT, market: 'm2', basket: 'm2', opening: 3 };
    const token = await signShopper(keys, grant, { nowMs: systemRuntime.clock.nowMs(), ttlS: 60 });
    for (const route of routes) {
      gateway.asked.splice(0);
      const { status, code } = await gateway.call(route, token, 'm2');

      if (!route.isForShoppers) expect([nameOf(route), status, gateway.asked.length]).toEqual([nameOf(route), 403, 0]);
      else expect([nameOf(route), [401, 403].includes(status), code === 'market.unknown', gateway.asked[0]?.by]).toEqual([nameOf(route), false, false, 'shopper/one']);
      if (!route.isForShoppers || !route.path.includes(':market')) continue;
      gateway.asked.splice(0);
      const foreign = await gateway.call(route, token, 'm1');
      expect([nameOf(route), foreign.status, gateway.asked.length]).toEqual([nameOf(route), 404, 0]);
    }
    expect(routes.filter(({ isForShoppers }) => isForShoppers).map(nameOf).sort()).toEqual([
      'DELETE /v1/markets/:market/baskets/:basket', 'DELETE /v1/markets/:market/baskets/:basket/lines/:sku', 'GET /v1/markets/:market/baskets/:basket',
      'GET /v1/markets/:market/products', 'GET /v1/markets/:market/products/:sku', 'GET /v1/markets/:market/scan/:code', 'GET /v1/orders/:order',
      'GET /v1/orders/:order/history', 'HEAD /v1/markets/:market/baskets/:basket', 'HEAD /v1/markets/:market/products', 'HEAD /v1/markets/:market/products/:sku',
      'HEAD /v1/markets/:market/scan/:code', 'HEAD /v1/orders/:order', 'HEAD /v1/orders/:order/history', 'POST /v1/markets/:market/baskets/:basket/checkout',
      'POST /v1/markets/:market/baskets/:basket/commands', 'POST /v1/markets/:market/baskets/:basket/lines', 'PUT /v1/markets/:market/baskets/:basket',
      'PUT /v1/markets/:market/baskets/:basket/lines/:sku',
    ]);
  });

  it('of strategies is refused to other tenants, because there is one set of them', async () => {
    for (const route of routes.filter(({ scope }) => scope.startsWith('strategies:'))) {
      expect([nameOf(route), (await gateway.call(route, keys.otherTenant)).status]).toEqual([nameOf(route), 403]);
    }
  });

  it('lists only the markets of a key', async () => {
    for (const path of ['/v1/markets', '/v1/orders']) {
      gateway.asked.splice(0);
      await gateway.call({ method: 'GET', path }, keys.otherMarket);

      expect(gateway.asked.map(({ body }) => Buffer.from(body).toString('latin1'))).toEqual([expect.stringMatching(/markets.*m2/)]);
    }
  });

  it('neither logs nor answers a secret', async () => {
    const secrets = [...Object.values(keys), ...lacking.values(), ADMIN.key, EXPIRED.text].map((key) => key.slice(-43));
    const list = await gateway.call({ method: 'GET', path: '/v1/keys' }, keys.right);

    expect(list.status).toBe(200);
    expect(secrets.filter((secret) => `${gateway.logs}${list.body}`.includes(secret))).toEqual([]);
  });

  it('is open only where it is documentation', async () => {
    expect((await gateway.call({ method: 'GET', path: '/v1/nothing' })).code).toBe('route.unknown');
  });
});

function nameOf({ method, path }: Operation): string {
  return `${method} ${path}`;
}

/** No route issues a key that has expired already. */
async function storeExpiredKey(url: string): Promise<void> {
  const repository = new KeyRepository({ url, schema: 'gateway', applicationName: 'test' });
  await repository.insert({
    id: EXPIRED.id, tenant: DEFAULT_TENANT, name: 'old', digest: createHash('sha256').update(SECRET).digest(), scopes: SCOPES, markets: null, ratePerSecond: null,
    createdAtMs: 0, createdBy: 'admin', expiresAtMs: 1, usedAtMs: null,
  }, 10);
  await repository.close();
}

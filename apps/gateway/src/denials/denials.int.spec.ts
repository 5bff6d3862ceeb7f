import 'reflect-metadata';
import { TcpProxy } from '@aisle/dev/testing';
import { DEFAULT_TENANT, type Denial, type DenialList } from '@aisle/contracts';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { SignJWT } from 'jose';
import { gatewaySchemas } from '../schema.ts';
import { signShopper } from '../shoppers/shopper-tokens.ts';
import { ShopperConfig } from '../shoppers/shopper.config.ts';
import { ADMIN, SHOPPER_TOKEN_KEYS, TestGateway } from '../testing/open-gateway.ts';

const ORDERS = { method: 'GET', path: '/v1/orders' } as const;
const SECRET = 'a secret of at least thirty-two letters';
const DAY_S = 24 * 60 * 60;
const JWT = {
  JWT_SECRET: SECRET, JWT_ISSUER: 'https://login.example', JWT_AUDIENCE: 'aisle', JWT_MARKETS_CLAIM: 'shops', JWT_LIFETIME_MAX_MS: String(DAY_S * 1_000),
};

describe('a denial', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let gateway: TestGateway;
  /** Its way to PostgreSQL can be cut. */
  let other: TestGateway;

  beforeAll(async () => {
    database = await testDatabase(...gatewaySchemas);
    proxy = new TcpProxy(new URL(database.appUrl));
    await proxy.open();
    gateway = await TestGateway.start({ DATABASE_URL: database.appUrl, ...JWT });
    other = await TestGateway.start({ DATABASE_URL: proxy.url, ...JWT });
  });
  afterAll(async () => {
    await Promise.all([gateway.stop(), other.stop()]);
    await proxy.close();
    await database.drop();
  });

  it('is absent from a token that permits what its claims say, in the name of its subject', async () => {
    const [basket, ann] = [{ method: 'GET', path: '/v1/markets/:market/baskets/:basket' } as const, await token('ann', 'a0', { scope: 'baskets:read', shops: ['m1'] })];
    gateway.asked.splice(0);

    expect((await gateway.call(basket, ann, 'm1')).code).toBe('test.nothing');
    expect(gateway.asked.map(({ tenant, by, market }) => ({ tenant, by, market }))).toEqual([{ tenant: 'default', by: 'user/ann', market: 'm1' }]);
    expect((await gateway.call(basket, ann, 'm2')).code).toBe('market.unknown');
    expect((await gateway.call(ORDERS, ann)).code).toBe('identity.scope_missing');
  });

  it('of a user ends every token of his, at this gateway at once and at the others soon', async () => {
    const [first, second, bystander] = await Promise.all([token('ann', 'a1'), token('ann', 'a2'), token('bob', 'b1')]);
    for (const one of [first, second, bystander]) expect((await other.call(ORDERS, one)).code).toBe('test.nothing');

    expect((await send('PUT', 'users/ann')).statusCode).toBe(200);

    expect(await codesAt(gateway, first, second, bystander)).toEqual(['identity.invalid', 'identity.invalid', 'test.nothing']);
    await eventually(async () => expect(await codesAt(other, first, second, bystander)).toEqual(['identity.invalid', 'identity.invalid', 'test.nothing']));
  });

  it('of a token ends that one alone', async () => {
    const [first, second] = await Promise.all([token('carl', 'c1'), token('carl', 'c2')]);

    await send('PUT', 'tokens/c1');

    expect(await codesAt(gateway, first, second)).toEqual(['identity.invalid', 'test.nothing']);
  });

  it("of a shopper's token ends it by its id", async () => {
    const { SHOPPER_TOKEN_KEYS: keys = new Map() } = ShopperConfig.parse({ SHOPPER_TOKEN_KEYS });
    const grant = { id: 's1', tenant: DEFAULT_TENANT, market: 'm1', basket: 'x', opening: 0 };
    const shopper = await signShopper(keys, grant, { nowMs: nowS() * 1_000, ttlS: 600 });
    const read = { method: 'GET', path: '/v1/markets/m1/baskets/:basket' } as const;
    expect((await gateway.call(read, shopper)).code).toBe('test.nothing');

    await send('PUT', 'tokens/s1');

    expect((await gateway.call(read, shopper)).code).toBe('identity.invalid');
  });

  it('ends when it is deleted, and at its expiry', async () => {
    const dora = await token('dora', 'd1');
    await send('PUT', 'users/dora');
    expect(await codesAt(gateway, dora)).toEqual(['identity.invalid']);

    expect((await send('DELETE', 'users/dora')).statusCode).toBe(204);
    expect(await codesAt(gateway, dora)).toEqual(['test.nothing']);
    expect((await send('DELETE', 'users/dora')).json()).toMatchObject({ status: 404, code: 'denial.missing', details: { kind: 'users', id: 'dora' } });

    const expiresAt = new Date((nowS() + 2) * 1_000).toISOString();
    expect((await send('PUT', 'users/dora', { expiresAt })).json()).toMatchObject({ kind: 'users', id: 'dora', createdBy: 'admin', expiresAt });
    await eventually(async () => expect(await codesAt(gateway, dora)).toEqual(['test.nothing']));
  });

  it('applies in the tenant of its creator alone', async () => {
    const { key } = await gateway.issue({ scopes: ['keys:read', 'keys:write'], tenant: 'north' });
    const erik = await token('erik', 'e1');

    expect((await send('PUT', 'users/erik', undefined, key)).statusCode).toBe(200);

    expect(await codesAt(gateway, erik)).toEqual(['test.nothing']);
    expect((await list('', key)).items.map(({ id }) => id)).toEqual(['erik']);
    expect((await send('DELETE', 'users/erik')).statusCode).toBe(404);
  });

  it.each<[what: string, path: string, body: object | undefined, code: string]>([
    ['a time in the past', 'users/fay', { expiresAt: '2001-01-01T00:00:00Z' }, 'denial.already_expired'], ['another kind', 'keys/fay', undefined, 'input.invalid'],
    ['an unknown field', 'users/fay', { until: 'never' }, 'input.invalid'],
  ])('is refused with %s', async (_what, path, body, code) => {
    expect((await send('PUT', path, body)).json()).toMatchObject({ code });
  });

  it('is listed a page at a time, by kind and id', async () => {
    for (const path of ['users/g1', 'users/g/2', 'tokens/g3']) await send('PUT', path.replace('g/', 'g%2F'));
    const found: Denial[] = [];

    for (let next: string | null = ''; next !== null;) {
      const page = await list(`?limit=2${next && `&cursor=${encodeURIComponent(next)}`}`);
      found.push(...page.items);
      next = page.next;
    }

    const names = found.map(({ kind, id }) => `${kind}/${id}`);
    expect(names).toEqual(expect.arrayContaining(['users/g1', 'users/g/2', 'tokens/g3']));
    expect(new Set(names).size).toBe(names.length);
    expect((await list('?cursor=x')) as unknown).toMatchObject({ code: 'denial.cursor_invalid' });
  });

  it('is missed by no gateway that cannot read: that one refuses tokens', async () => {
    const hanna = await token('hanna', 'h1');
    await other.call(ORDERS, hanna);

    await proxy.close();
    await send('PUT', 'users/hanna');
    await eventually(async () => expect(await codesAt(other, hanna)).toEqual(['identity.stale']));

    await proxy.open();
    await eventually(async () => expect(await codesAt(other, hanna)).toEqual(['identity.invalid']));
  });

  function send(method: 'PUT' | 'DELETE', path: string, body?: object, key: string = ADMIN.key) {
    return gateway.app.inject({ method, url: `/v1/denials/${path}`, headers: { authorization: `Bearer ${key}` }, ...(body ? { payload: body } : {}) });
  }

  async function list(query: string, key: string = ADMIN.key): Promise<DenialList> {
    return (await gateway.app.inject({ method: 'GET', url: `/v1/denials${query}`, headers: { authorization: `Bearer ${key}` } })).json();
  }
});

function codesAt(gateway: TestGateway, ...tokens: readonly string[]): Promise<(string | undefined)[]> {
  return Promise.all(tokens.map(async (one) => (await gateway.call(ORDERS, one)).code));
}

/** A token of the provider that lives for a day. */
function token(sub: string, jti: string, claims = { scope: 'orders:read', shops: ['*'] }): Promise<string> {
  return new SignJWT({ sub, jti, ...claims }).setProtectedHeader({ alg: 'HS256' }).setIssuer(JWT.JWT_ISSUER).setAudience(JWT.JWT_AUDIENCE)
    .setIssuedAt(nowS()).setExpirationTime(nowS() + DAY_S).sign(new TextEncoder().encode(SECRET));
}

function nowS(): number {
  return Math.floor(systemRuntime.clock.nowMs() / 1_000);
}

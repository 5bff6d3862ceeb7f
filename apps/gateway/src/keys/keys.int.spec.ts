import 'reflect-metadata';
import { TcpProxy } from '@aisle/dev/testing';
import { SCOPES, type ApiKey, type KeyList } from '@aisle/contracts';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { eventually } from '@aisle/std/testing';
import { gatewaySchemas } from '../schema.ts';
import { ADMIN, TestGateway } from '../testing/open-gateway.ts';

const ORDERS = { method: 'GET', path: '/v1/orders' } as const;

describe('an API key', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let gateway: TestGateway;
  /** Its way to PostgreSQL can be cut. */
  let other: TestGateway;

  beforeAll(async () => {
    database = await testDatabase(...gatewaySchemas);
    proxy = new TcpProxy(new URL(database.appUrl));
    await proxy.open();
    gateway = await TestGateway.start({ DATABASE_URL: database.appUrl });
    other = await TestGateway.start({ DATABASE_URL: proxy.url });
  });
  afterAll(async () => {
    await Promise.all([gateway.stop(), other.stop()]);
    await proxy.close();
    await database.drop();
  });

  it('is valid on every gateway as soon as it is answered', async () => {
    const { key } = await gateway.issue({ scopes: ['orders:read'] });

    expect((await other.call(ORDERS, key)).code).toBe('test.nothing');
    expect((await gateway.call(ORDERS, key)).code).toBe('test.nothing');
  });

  it('is dead on every gateway soon after it is revoked, and on this one at once', async () => {
    const { id, key } = await gateway.issue({ scopes: ['orders:read'] });
    await other.call(ORDERS, key);

    expect((await revoke(gateway, id)).statusCode).toBe(204);

    expect((await gateway.call(ORDERS, key)).code).toBe('identity.invalid');
    await eventually(async () => (await other.call(ORDERS, key)).code === 'identity.invalid');
    expect((await revoke(gateway, id)).statusCode).toBe(404);
  });

  it('is trusted by no gateway that cannot find out whether it was revoked', async () => {
    const { id, key } = await gateway.issue({ scopes: ['orders:read'] });
    await other.call(ORDERS, key);

    await proxy.close();
    await revoke(gateway, id);
    await eventually(async () => (await other.call(ORDERS, key)).code === 'identity.stale');
    expect((await other.call(ORDERS, key)).headers['retry-after']).toBe('1');
    // The key of the configuration needs no database.
    expect((await other.call(ORDERS, ADMIN.key)).code).toBe('test.nothing');

    await proxy.open();
    await eventually(async () => (await other.call(ORDERS, key)).code === 'identity.invalid');
  });

  it('is one of two while it is replaced', async () => {
    const old = await gateway.issue({ scopes: ['orders:read'] });
    const next = await gateway.issue({ scopes: ['orders:read'] });
    expect((await gateway.call(ORDERS, old.key)).code).toBe('test.nothing');

    await revoke(gateway, old.id);

    expect([(await gateway.call(ORDERS, old.key)).status, (await gateway.call(ORDERS, next.key)).code]).toEqual([401, 'test.nothing']);
  });

  it('permits at most what its creator may do', async () => {
    const keys = await gateway.issue({ scopes: ['keys:write', 'orders:read'] });

    await expect(gateway.issue({ scopes: ['orders:read', 'orders:write'] }, keys.key)).rejects.toThrow('key.exceeds_creator');
    await expect(gateway.issue({ scopes: ['orders:read'], tenant: 'other' }, keys.key)).rejects.toThrow('key.other_tenant');
    expect(await gateway.issue({ scopes: ['orders:read'] }, keys.key)).toMatchObject({ scopes: ['orders:read'], createdBy: `key/${keys.id}` });
  });

  it.each([
    [{ scopes: ['keys:read'], markets: ['m1'] }, 'key.scopes_unfit'], [{ scopes: ['strategies:read'], tenant: 'other' }, 'key.scopes_unfit'],
    [{ scopes: ['orders:read'], expiresAt: '2001-01-01T00:00:00Z' }, 'key.already_expired'], [{ scopes: [] }, 'input.invalid'],
    [{ scopes: ['everything'] }, 'input.invalid'], [{ scopes: ['orders:read'], expires: 'never' }, 'input.invalid'],
  ])('is not created with %j: %s', async (wanted, code) => {
    await expect(gateway.issue(wanted as never)).rejects.toThrow(code);
  });

  it('of another tenant does not exist', async () => {
    const mine = await gateway.issue({ scopes: ['keys:read', 'keys:write'] });
    const theirs = await gateway.issue({ scopes: ['keys:read', 'keys:write'], tenant: 'other' });

    for (const method of ['GET', 'DELETE'] as const) {
      const foreign = await ask(gateway, method, `/v1/keys/${theirs.id}`, mine.key);
      const absent = await ask(gateway, method, `/v1/keys/${'0'.repeat(32)}`, mine.key);

      expect([foreign.statusCode, withoutTrace(foreign.body, theirs.id)]).toEqual([404, withoutTrace(absent.body, '0'.repeat(32))]);
    }
    const { items } = (await ask(gateway, 'GET', '/v1/keys', theirs.key)).json<KeyList>();
    expect(items.map(({ id }) => id)).toEqual([theirs.id]);
  });

  it('is listed with its last use, a page at a time, without its secret', async () => {
    const { key, ...first } = await gateway.issue({ scopes: [...SCOPES], tenant: 'default', expiresAt: '2999-01-01T00:00:00.000Z' });
    await ask(gateway, 'GET', '/v1/keys', key);
    const pages: ApiKey[] = [];

    for (let next: string | null = ''; next !== null;) {
      const page: KeyList = (await ask(gateway, 'GET', `/v1/keys?limit=2${next && `&cursor=${next}`}`, ADMIN.key)).json();
      pages.push(...page.items);
      next = page.next;
    }

    expect(pages.map(({ id }) => id)).toEqual(pages.map(({ id }) => id).sort());
    expect(pages.find(({ id }) => id === first.id)).toEqual({ ...first, lastUsedAt: null });
    expect((await ask(gateway, 'GET', '/v1/keys?cursor=x', ADMIN.key)).json()).toMatchObject({ code: 'key.cursor_invalid' });
  });

  function revoke(by: TestGateway, id: string) {
    return ask(by, 'DELETE', `/v1/keys/${id}`, ADMIN.key);
  }
});

function ask(by: TestGateway, method: 'GET' | 'DELETE', url: string, key: string) {
  return by.app.inject({ method, url, headers: { 'x-api-key': key } });
}

function withoutTrace(body: string, id: string): unknown {
  return JSON.parse(body.replaceAll(id, 'ID'), (name, value: unknown) => (name === 'traceId' ? undefined : value));
}

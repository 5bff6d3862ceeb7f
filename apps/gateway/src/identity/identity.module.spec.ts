import 'reflect-metadata';
import { systemRuntime } from '@aisle/std';
import { SignJWT } from 'jose';
import { TestGateway } from '../testing/open-gateway.ts';

const SECRET = 'a secret of at least thirty-two letters';
const PROVIDER = { JWT_SECRET: SECRET, JWT_ISSUER: 'https://login.example', JWT_AUDIENCE: 'aisle', JWT_MARKETS_CLAIM: 'shops' };
const NO_DATABASE = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
const BASKET = { method: 'GET', path: '/v1/markets/:market/baskets/:basket' } as const;

describe('a gateway without its database', () => {
  let gateway: TestGateway;

  beforeAll(async () => {
    gateway = await TestGateway.start({ ...NO_DATABASE, ...PROVIDER });
  });
  afterAll(() => gateway.stop());
  beforeEach(() => void gateway.asked.splice(0));

  it('accepts a token only where tokens are', async () => {
    const token = await tokenOf({ scope: 'orders:read', shops: ['*'] });
    const { statusCode } = await gateway.app.inject({ method: 'GET', url: '/v1/orders', headers: { 'x-api-key': token } });

    expect(statusCode).toBe(401);
  });

  it('accepts no key and no token, because they may be revoked or denied', async () => {
    for (const credential of [`aisle_${'1'.repeat(32)}_${'s'.repeat(43)}`, await tokenOf({ scope: 'baskets:read', shops: ['m1'] })]) {
      const { status, code } = await gateway.call(BASKET, credential, 'm1');

      expect([status, code]).toEqual([503, 'identity.stale']);
    }
    expect(gateway.asked).toEqual([]);
    expect((await gateway.call(BASKET)).code).toBe('identity.required');
  });
});

describe('the configuration of a gateway', () => {
  it.each([
    [{ ANONYMOUS_SCOPES: 'all', HOST: '0.0.0.0' }, /HOST must be a loopback address/],
    [{ ANONYMOUS_SCOPES: 'all', NODE_ENV: 'production' }, /NODE_ENV is production/],
    [{ JWT_SECRET: SECRET }, /JWT_ISSUER: is missing[^]*JWT_AUDIENCE: is missing/],
  ])('%j stops its start', async (environment, reason) => {
    await expect(TestGateway.start({ ...NO_DATABASE, ...environment })).rejects.toThrow(reason);
  });
});

function tokenOf(claims: { scope: string; shops: string[] }): Promise<string> {
  const nowS = Math.floor(systemRuntime.clock.nowMs() / 1_000);
  return new SignJWT({ sub: 'ann', ...claims }).setProtectedHeader({ alg: 'HS256' }).setIssuer(PROVIDER.JWT_ISSUER)
    .setAudience(PROVIDER.JWT_AUDIENCE).setIssuedAt(nowS).setExpirationTime(nowS + 60).sign(new TextEncoder().encode(SECRET));
}

import 'reflect-metadata';
import { memoryContext, type MemoryContext } from '@aisle/platform/testing';
import { gateway } from '../gateway.app.ts';
import { ADMIN } from '../testing/open-gateway.ts';
import { problemCodes } from './problems.ts';

const SHOP = 'https://shop.example';

describe('the gateway', () => {
  const context = memoryContext(gateway.config, {
    PORT: '0', CORS_ORIGINS: SHOP, HSTS_SECONDS: '3600', DATABASE_URL: 'postgres://nobody@localhost/none', ADMIN_KEY_SHA256: ADMIN.digest,
  });
  let running: Awaited<ReturnType<typeof gateway.start>>;

  beforeAll(async () => {
    running = await gateway.start(context);
  });
  afterAll(async () => {
    await running.stop();
    await context.close();
  });

  it('has a page for the type of each problem', async () => {
    for (const code of problemCodes()) expect([code, (await get(`/problems/${code}`)).status]).toEqual([code, 200]);
    expect((await get('/problems/no.such')).status).toBe(404);
  });

  it('says on the page of a problem what it means, and what a client does next', async () => {
    const response = await get('/problems/basket.full');
    const page = await response.text();

    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page).toContain('<h1>Basket: full</h1>');
    expect(page).toContain('422: the basket has no room for another product');
    expect(page).toContain('<code>linesMax</code>');
    expect(page).toContain('A rule refuses the request');
    expect(await (await get('/problems')).text()).toContain('<a href="/problems/basket.full">');
  });

  it('leads from its root to the documentation', async () => {
    const { status, headers } = await get('/', { redirect: 'manual' });

    expect([status, headers.get('location')]).toEqual([302, 'docs']);
  });

  it('answers an unknown route with a problem whose type is such a page', async () => {
    const { type } = await (await get('/v1/nowhere')).json() as { type: string };

    expect((await get(type)).status).toBe(200);
  });

  it('serves its documentation under a policy that loads nothing from elsewhere', async () => {
    for (const path of ['/docs', '/docs/swagger-ui-init.js', '/docs/swagger-ui-bundle.js']) {
      const { status, headers } = await get(path);

      expect([path, status, headers.get('content-security-policy')]).toEqual([path, 200, expect.stringContaining("script-src 'self'")]);
    }
  });

  it('lets pages of configured origins call it, and no others', async () => {
    const preflight = { 'access-control-request-method': 'PUT', 'access-control-request-headers': 'content-type,idempotency-key' };
    const allowed = await get('/v1/orders/1', { method: 'OPTIONS', headers: { origin: SHOP, ...preflight } });
    const answer = await get('/v1/nowhere', { headers: { origin: SHOP } });

    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(allowed.headers.get('access-control-allow-headers')).toBe('content-type,idempotency-key');
    expect(answer.headers.get('access-control-allow-origin')).toBe(SHOP);
    expect(answer.headers.get('access-control-expose-headers')).toContain('ETag');
    expect((await get('/v1/nowhere', { headers: { origin: 'https://other.example' } })).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('still answers OPTIONS that is no preflight with the methods of the path', async () => {
    expect((await get('/v1/orders/1', { method: 'OPTIONS' })).headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  });

  it('tells browsers to use TLS alone, where clients reach it by TLS', async () => {
    expect((await get('/v1/nowhere')).headers.get('strict-transport-security')).toBe('max-age=3600');
  });

  function get(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${urlOf(context)}${path}`, init);
  }
});

/** The address at which a started gateway listens, from its log. */
function urlOf({ logs }: MemoryContext<unknown>): string {
  return logs.map(({ url }) => url).find((url) => typeof url === 'string') as string;
}

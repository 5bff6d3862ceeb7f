import 'reflect-metadata';
import { ensureInfra } from '@aisle/dev';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { redisLinks } from '@aisle/platform/testing';
import { systemRuntime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { gatewaySchemas } from '../schema.ts';
import { ADMIN, TestGateway } from '../testing/open-gateway.ts';

const READ = { method: 'GET', path: '/v1/orders' } as const;
const BATCH = { method: 'POST', path: '/v1/markets/:market/baskets/:basket/commands' } as const;
/** Longer than any test. */
const WINDOW_S = 300;

describe('the limit of requests of a key', () => {
  let database: TestDatabase;
  let one: TestGateway;
  let other: TestGateway;

  beforeAll(async () => {
    database = await testDatabase(...gatewaySchemas);
    const { redisUrl } = await ensureInfra({ needs: ['redis'] });
    const environment = {
      DATABASE_URL: database.appUrl, REDIS_URL: redisUrl, REDIS_KEY_PREFIX: `test-${uuidv7(systemRuntime)}`, RATE_LIMIT: '2', RATE_WINDOW_S: String(WINDOW_S),
    };
    [one, other] = await Promise.all([TestGateway.start(environment, redisLinks), TestGateway.start(environment, redisLinks)]);
    await eventually(() => isShared(one, other));
  });
  afterAll(async () => {
    await Promise.all([one.stop(), other.stop()]);
    await database.drop();
  });

  it('holds over two gateways within 5 %, and its noise leaves another key alone', async () => {
    const noisy = await one.issue({ scopes: ['orders:read'], ratePerSecond: 1 });
    const quiet = await one.issue({ scopes: ['orders:read'], tenant: 'other' });
    const statuses: number[] = [];

    for (let n = 0; n < 50; n += 1) {
      const answers = await Promise.all(Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? one : other).call(READ, noisy.key)));
      statuses.push(...answers.map(({ status }) => status));
      if (n % 10 === 0) expect((await one.call(READ, quiet.key)).status).toBe(404);
    }

    const admitted = statuses.filter((status) => status === 404).length;
    expect(statuses.filter((status) => status === 429)).toHaveLength(500 - admitted);
    expect(Math.abs(admitted - WINDOW_S)).toBeLessThanOrEqual(WINDOW_S * 0.05);
  });

  it('is told with each answer, and a refusal says when to try again', async () => {
    const { key } = await one.issue({ scopes: ['orders:read', 'baskets:write'], ratePerSecond: 1 });
    const first = await one.call(READ, key);
    expect(first.headers).toMatchObject({ 'ratelimit-policy': '"requests";q=300;w=300', ratelimit: expect.stringMatching(/^"requests";r=2\d\d;t=\d+$/) as string });
    for (let n = 0; n < 40; n += 1) await one.call({ ...BATCH, example: batchOf(20) }, key);

    const refused = await one.call(READ, key);

    expect([refused.status, refused.code]).toEqual([429, 'rate.exceeded']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(1);
    expect(refused.headers['ratelimit']).toMatch(/^"requests";r=0;t=\d+$/);
  });

  it('counts a batch by its operations', async () => {
    const { key } = await one.issue({ scopes: ['baskets:write'], ratePerSecond: 1 });

    expect(remaining(await one.call({ ...BATCH, example: batchOf(1) }, key))).toBe(299);
    expect(remaining(await one.call({ ...BATCH, example: batchOf(20) }, key))).toBe(279);
    // An invalid body costs one unit.
    expect(remaining(await one.call({ ...BATCH, example: [{ op: 'none' }] }, key))).toBe(278);
  });

  it('is that of the configuration unless the key has its own, and the administrator has none', async () => {
    const { key } = await one.issue({ scopes: ['orders:read'] });

    expect((await one.call(READ, key)).headers['ratelimit-policy']).toBe('"requests";q=600;w=300');
    expect((await one.call(READ, ADMIN.key)).headers).not.toHaveProperty('ratelimit');
    expect((await one.call({ method: 'GET', path: '/docs' }, key)).headers).not.toHaveProperty('ratelimit');
  });

  it('is not higher than that of its creator', async () => {
    const slow = await one.issue({ scopes: ['keys:write', 'orders:read'], ratePerSecond: 1 });
    const usual = await one.issue({ scopes: ['keys:write', 'orders:read'] });

    await expect(one.issue({ scopes: ['orders:read'], ratePerSecond: 2 }, slow.key)).rejects.toThrow('key.rate_exceeds_creator');
    await expect(one.issue({ scopes: ['orders:read'], ratePerSecond: 3 }, usual.key)).rejects.toThrow('key.rate_exceeds_creator');
    expect(await one.issue({ scopes: ['orders:read'] }, slow.key)).toMatchObject({ ratePerSecond: 1 });
    expect(await one.issue({ scopes: ['orders:read'] }, usual.key)).not.toHaveProperty('ratePerSecond');
  });
});

/** Whether both gateways count in Redis, which each does once it is connected. */
async function isShared(one: TestGateway, other: TestGateway): Promise<boolean> {
  const { key } = await one.issue({ scopes: ['orders:read'], ratePerSecond: 1 });
  for (const gateway of [one, other]) for (let n = 0; n < 20; n += 1) await gateway.call(READ, key);
  return remaining(await other.call(READ, key)) < 275;
}

function remaining({ headers }: Awaited<ReturnType<TestGateway['call']>>): number {
  return Number(/r=(\d+)/.exec(String(headers['ratelimit']))?.[1]);
}

function batchOf(operations: number): unknown {
  return Array.from({ length: operations }, () => ({ op: 'add', sku: 'GR1', quantity: 1 }));
}

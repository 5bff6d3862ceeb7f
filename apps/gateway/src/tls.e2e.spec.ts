import { readFileSync } from 'node:fs';
import { startSystem, startTlsServers, type TestSystem, type TlsServers } from '@aisle/dev/testing';
import { createPool } from '@aisle/persistence';
import { eventually } from '@aisle/std/testing';
import { Redis } from 'ioredis';

describe('a system whose Redis and PostgreSQL demand TLS and passwords', () => {
  let servers: TlsServers;
  let system: TestSystem;

  beforeAll(async () => {
    servers = await startTlsServers();
    system = await startSystem({ market: 1, orders: 1, inventory: 1 }, {
      servers, environmentOf: async () => ({ NODE_EXTRA_CA_CERTS: servers.authority }),
    });
  });
  afterAll(async () => {
    await system.stop();
    await servers.discard();
  });

  it('takes an order to its end', async () => {
    const basket = `${system.gatewayUrl}/v1/markets/m1/baskets/anna`;
    await eventually(async () => (await post(`${basket}/lines`, { sku: 'GR1', quantity: 2 })).ok);

    const { orderId } = (await (await post(`${basket}/checkout`, {})).json()) as { orderId: string };

    await eventually(async () => {
      const order = (await (await fetch(`${system.gatewayUrl}/v1/orders/${orderId}`)).json()) as { status: string };
      return order.status === 'CONFIRMED';
    });
    expect(system.errors()).toEqual([]);
  });

  it.each<[what: string, change: (url: URL) => unknown]>([
    ['no encryption', (url) => (url.protocol = 'redis:')],
    ['no password', (url) => (url.password = '')],
    ['another name than that of the certificate', (url) => (url.hostname = '127.0.0.1')],
  ])('has a Redis that is of no use with %s', async (_what, change) => {
    expect(await pings(servers.redisUrl)).toBe(true);

    expect(await pings(changed(servers.redisUrl, change))).toBe(false);
  });

  it.each<[what: string, change: (url: URL) => unknown, reason: RegExp]>([
    ['no encryption', (url) => url.searchParams.set('sslmode', 'disable'), /no encryption/],
    ['another password', (url) => (url.password = 'guess'), /password authentication failed/],
    ['an unknown authority', (url) => url.searchParams.delete('sslrootcert'), /self-signed certificate/],
    ['another name than that of the certificate', (url) => (url.hostname = '127.0.0.1'), /does not match certificate/],
  ])('has a PostgreSQL that is of no use with %s', async (_what, change, reason) => {
    await select(servers.adminDatabaseUrl);

    await expect(select(changed(servers.adminDatabaseUrl, change))).rejects.toThrow(reason);
  });

  async function pings(url: string): Promise<boolean> {
    const secured = url.startsWith('rediss:') ? { tls: { ca: readFileSync(servers.authority) } } : {};
    const redis = new Redis(url, { ...secured, lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    redis.on('error', () => undefined);
    try {
      await redis.connect();
      return (await redis.ping()) === 'PONG';
    } catch {
      return false;
    } finally {
      redis.disconnect();
    }
  }
});

async function select(url: string): Promise<void> {
  const pool = createPool({ url, schema: 'public', applicationName: 'test', poolMax: 1 });
  try {
    await pool.query('SELECT 1');
  } finally {
    await pool.end();
  }
}

function changed(url: string, change: (url: URL) => unknown): string {
  const other = new URL(url);
  change(other);
  return other.href;
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
}

import { Redis } from 'ioredis';
import { Client } from 'pg';
import { startOwnServer, type OwnServer } from './own-server.ts';

describe('a test’s own server', () => {
  let server: OwnServer | undefined;

  afterEach(() => server?.discard());

  it('is a PostgreSQL that keeps commits when it is killed, at the same address', async () => {
    server = await startOwnServer('postgres');
    const { url } = server;
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');

    await server.kill();
    await expect(query(url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await server.restart();

    expect(await query(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await query(url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
  });

  it('is a Redis that forgets everything when it is killed', async () => {
    server = await startOwnServer('redis');
    const redis = new Redis(server.url);
    redis.on('error', () => {});
    await redis.set('key', 'value');

    await server.kill();
    await server.restart();

    expect(await redis.get('key')).toBeNull();
    redis.disconnect();
  });
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end().catch(() => {});
  }
}

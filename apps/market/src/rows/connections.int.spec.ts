import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { createMetrics } from '@aisle/platform';
import { eventually } from '@aisle/std/testing';
import type { Client } from 'pg';
import { poolProblem, showPools } from '../pools.ts';
import { marketSchema } from '../schema.ts';
import { adminClient } from '../testing/admin-client.ts';
import { body } from '../testing/bare-market.ts';
import { MarketNode } from '../testing/market-node.ts';

const ID = { tenant: 'default', market: 'm1' };
const MAX = 2;

describe('a market process without a free connection', () => {
  let database: TestDatabase;
  let blocker: Client;
  let node: MarketNode;

  beforeAll(async () => {
    database = await testDatabase(marketSchema);
    blocker = await adminClient(database);
    node = await MarketNode.start(database, { poolMax: MAX, connectTimeoutMs: 1_000 });
    await node.do(ID, { kind: 'create', sku: 'tea', product: { ...body('tea'), quantity: 5 } });
  });

  afterAll(async () => {
    await node.kill();
    await blocker.end();
    await database.drop();
  });

  it('answers readers with a retryable failure, is not ready, and recovers by itself', async () => {
    const metrics = createMetrics('market-1');
    showPools(metrics, { rows: { pool: node.pool, max: MAX } });
    await blocker.query('BEGIN; LOCK TABLE movement IN ACCESS EXCLUSIVE MODE');
    const stuck = Array.from({ length: MAX }, () => node.pool.query('SELECT FROM movement'));
    await eventually(() => node.pool.totalCount === MAX && node.pool.idleCount === 0 && node.pool.waitingCount === 0);
    const late = Array.from({ length: 20 }, () => node.lists.movements(ID, { limit: 5 }).catch((failure: unknown) => failure));

    expect(poolProblem(node.pool, MAX)).toBe('all 2 connections are taken, and 20 requests wait for one');
    const shown = await metrics.metrics();
    expect(shown).toContain('database_pool_connections{pool="rows",state="total",instance="market-1"} 2');
    expect(shown).toContain('database_pool_connections{pool="rows",state="waiting",instance="market-1"} 20');
    for (const failure of await Promise.all(late)) {
      expect(failure).toMatchObject({ kind: 'unavailable', code: 'database.unavailable' });
    }
    // Markets in memory continue to sell meanwhile.
    expect(await node.markets.read(ID, ({ products }) => products.size)).toBe(1);

    await blocker.query('ROLLBACK');

    expect(await Promise.all(stuck)).toHaveLength(MAX);
    expect(poolProblem(node.pool, MAX)).toBeUndefined();
    expect((await node.lists.movements(ID, { limit: 5 })).items).toHaveLength(1);
  });
});

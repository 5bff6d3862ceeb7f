import { PostgresStorage, journalMigrations } from '@aisle/journal';
import { createPool } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { systemRuntime } from '@aisle/std';
import type { Pool } from 'pg';
import { describeClusterStorage } from '../testing/storage-contract.ts';
import { clusterMigrations } from './cluster.migration.ts';
import { ClusterRepository } from './cluster.repository.ts';

describe('ClusterRepository', () => {
  let database: TestDatabase;
  let pool: Pool;
  let owner: Pool;
  let journal: PostgresStorage;
  let runs = 0;

  beforeAll(async () => {
    database = await testDatabase({ schema: 'basket', migrations: [...clusterMigrations, ...journalMigrations] });
    pool = createPool({ url: database.appUrl, schema: 'basket', applicationName: 'cluster', poolMax: 2 });
    const ownerUrl = new URL(database.adminUrl);
    ownerUrl.pathname = new URL(database.appUrl).pathname;
    owner = createPool({ url: ownerUrl.href, schema: 'basket', applicationName: 'owner', poolMax: 1 });
  });

  afterEach(() => journal.close());

  afterAll(async () => {
    await Promise.all([pool.end(), owner.end()]);
    await database.drop();
  });

  describeClusterStorage('as every storage', async () => {
    runs += 1;
    const incarnation = `incarnation-${runs}`;
    journal = new PostgresStorage({
      runtime: systemRuntime, url: database.appUrl, schema: 'basket', incarnation, lanes: 1,
    });
    await owner.query(`TRUNCATE node_lease, shard_lease; UPDATE placement SET version = 0, targets = '{}'`);
    return { cluster: new ClusterRepository(pool, 4), journal };
  });

  it('fails as unavailable while PostgreSQL does not answer', async () => {
    journal = new PostgresStorage({
      runtime: systemRuntime, url: database.appUrl, schema: 'basket', incarnation: 'x', lanes: 1,
    });
    const nowhere = new URL(database.appUrl);
    nowhere.port = '1';
    const away = createPool({ url: nowhere.href, schema: 'basket', applicationName: 'away', poolMax: 1 });

    await expect(new ClusterRepository(away, 4).view()).rejects.toMatchObject({
      kind: 'unavailable', code: 'cluster.unavailable',
    });
    await away.end();
  });
});

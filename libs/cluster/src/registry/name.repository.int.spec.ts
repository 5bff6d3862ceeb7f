import { createPool } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import type { Pool } from 'pg';
import { clusterMigrations } from '../storage/cluster.migration.ts';
import { NameRepository } from './name.repository.ts';
import { describeNameStorage } from './testing/name-storage-contract.ts';

describe('NameRepository', () => {
  let database: TestDatabase;
  let pool: Pool;

  beforeAll(async () => {
    database = await testDatabase({ schema: 'consumers', migrations: [...clusterMigrations] });
    pool = createPool({ url: database.appUrl, schema: 'consumers', applicationName: 'names', poolMax: 5 });
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  describeNameStorage('as every storage', async () => {
    await pool.query('DELETE FROM node_lease');
    await pool.query('DELETE FROM cluster_name');
    return new NameRepository(pool);
  });

  it('says so when PostgreSQL is away', async () => {
    const nowhere = new URL(database.appUrl);
    nowhere.port = '1';
    const away = createPool({ url: nowhere.href, schema: 'consumers', applicationName: 'away', poolMax: 1 });

    await expect(new NameRepository(away).view()).rejects.toMatchObject({
      kind: 'unavailable', code: 'cluster.unavailable',
    });
    await away.end();
  });
});

import { createPool } from '@aisle/persistence';
import { testDatabase } from '@aisle/persistence/testing';
import type { TestDatabase } from '@aisle/persistence/testing';
import { systemRuntime } from '@aisle/std';
import type { Pool } from 'pg';
import type { JournalStorage } from '../journal-storage.ts';
import { describeStorage } from '../testing/storage-contract.ts';
import { journalMigrations } from './journal.migration.ts';
import { PostgresStorage } from './postgres-storage.ts';

describe('PostgresStorage', () => {
  let database: TestDatabase;
  let owner: Pool;
  const opened: JournalStorage[] = [];

  beforeAll(async () => {
    database = await testDatabase({ schema: 'basket', migrations: journalMigrations });
    owner = ownerPool(database);
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((storage) => storage.close()));
    await owner.query('TRUNCATE basket.journal, basket.shard_lease, basket.snapshot, basket.consumer_checkpoint');
  });

  afterAll(async () => {
    await owner.end();
    await database.drop();
  });

  const open = (incarnation: string): PostgresStorage => {
    const storage = new PostgresStorage({
      runtime: systemRuntime, url: database.appUrl, schema: 'basket', incarnation, lanes: 1,
    });
    opened.push(storage);
    return storage;
  };

  describeStorage(() => ({
    storage: open,
    age: async (ms) => {
      await owner.query(`UPDATE basket.journal SET at = at - $1 * interval '1 millisecond'`, [ms]);
    },
  }));
});

/** The administrator in the test's own database. */
function ownerPool({ adminUrl, appUrl }: TestDatabase): Pool {
  const url = new URL(adminUrl);
  url.pathname = new URL(appUrl).pathname;
  return createPool({ url: url.toString(), schema: 'basket', poolMax: 2, applicationName: 'test-owner' });
}

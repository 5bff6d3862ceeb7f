import { createDataSource } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { strategyStoreContract } from '@aisle/pricing/testing';
import { systemRuntime } from '@aisle/std';
import type { DataSource } from 'typeorm';
import { Strategies1700000000600 } from './strategy.migration.ts';
import { StrategiesRepository } from './strategies.repository.ts';

describe('StrategiesRepository', () => {
  let test: TestDatabase;
  let database: DataSource;
  let tenants = 0;
  beforeAll(async () => {
    test = await testDatabase({ schema: 'basket', migrations: [Strategies1700000000600] });
    database = await createDataSource({
      url: test.appUrl, schema: 'basket', applicationName: 'strategies-test', poolMax: 5, entities: [],
    });
  }, 120_000);
  afterAll(async () => {
    await database.destroy();
    await test.drop();
  });

  strategyStoreContract(async () => {
    tenants += 1;
    return new StrategiesRepository(database, `tenant-${tenants}`, systemRuntime);
  });
});

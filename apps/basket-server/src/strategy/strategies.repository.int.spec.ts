import { createDataSource } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { strategyStoreContract } from '@aisle/pricing/testing';
import { systemRuntime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
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

  describe('without its poll', () => {
    const timers = { ...systemRuntime.timers, every: () => ({ cancel: () => undefined }) };
    const deaf = { ...systemRuntime, timers };

    it('hears of a change that another server has made', async () => {
      const watching = new StrategiesRepository(database, 'announced', deaf);
      const other = new StrategiesRepository(database, 'announced', deaf);
      const entry = { id: 'a', atMs: 1, by: 'ann', name: 'tea', action: 'added', version: '1', details: {} } as const;
      let looks = 0;
      const stop = watching.watch(() => { looks += 1; });
      // The first look is taken once it listens.
      await eventually(() => expect(looks).toBe(1));

      await other.save({ name: 'tea', kind: 'line', revision: 0, versions: [], before: [] }, entry);

      await eventually(() => expect(looks).toBe(2));
      stop();
    });
  });
});

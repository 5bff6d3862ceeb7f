import 'reflect-metadata';
import { ClusterNode } from '@aisle/cluster';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { memoryContext } from '@aisle/platform/testing';
import { ShutdownPlan } from '@aisle/std';
import { Test } from '@nestjs/testing';
import { basketServer } from './basket-server.app.ts';
import { Baskets } from './basket/baskets.ts';
import { basketServerSchemas } from './schema.ts';

describe('the app basket-server', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(...basketServerSchemas);
  });
  afterAll(() => database.drop());

  it('is made by Nest, and hands its shards over before it closes connections', async () => {
    const context = memoryContext(basketServer.config, { DATABASE_URL: database.appUrl });
    const app = await Test.createTestingModule({ imports: [basketServer.root(context)] }).compile();
    const plan = app.get(ShutdownPlan);

    expect(plan.order.map((phase) => phase.replace(/basket-server-[\da-f-]{36}/, 'basket-server-{incarnation}'))).toEqual([
      'readers: journal pruner, journal tail, sweeper',
      'handover: cluster node',
      'servers: queue basket-server-{incarnation}',
      'actors: actors',
      'followers: catalogue, consumer basket-catalogue, strategies',
      'requests: requester',
      'journal: journal',
    ]);
    expect([...app.get(Baskets, { strict: false }).routes.keys()].sort()).toEqual([
      'basket.absorb', 'basket.change', 'basket.open', 'basket.opening', 'basket.read', 'basket.restore', 'basket.visit',
    ]);
    await app.init();
    expect(app.get(ClusterNode, { strict: false }).holdsLease).toBe(true);

    await app.close();
    expect(await plan.run()).toEqual([]);
    await context.close();
    expect(context.errors).toEqual([]);
  });
});

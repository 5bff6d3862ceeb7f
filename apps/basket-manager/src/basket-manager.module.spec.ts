import 'reflect-metadata';
import { DataSource } from '@aisle/persistence/nest';
import { memoryContext } from '@aisle/platform/testing';
import { ShutdownPlan } from '@aisle/std';
import { Test } from '@nestjs/testing';
import { basketManager } from './basket-manager.app.ts';
import { Managers } from './routing/managers.ts';
import { StrategyOperations } from './strategy/strategy-operations.ts';

const DATABASE_URL = 'postgres://nobody@localhost/none';

describe('the app basket-manager', () => {
  it.each([
    ['both groups', 'basket,market', ['servers: managers, queue strategy-manager']],
    ['markets only', 'market', ['servers: managers']],
  ])('is created by Nest for %s, and stops all its servers side by side', async (_what, groups, order) => {
    const context = memoryContext(basketManager.config, { DATABASE_URL, SHARD_GROUPS: groups });
    const app = await Test.createTestingModule({ imports: [basketManager.root(context)] })
      .overrideProvider(DataSource).useValue({ destroy: async () => undefined })
      .compile();

    expect(app.get(ShutdownPlan).order).toEqual(order);
    expect(app.get(Managers, { strict: false })).toBeInstanceOf(Managers);
    if (groups !== 'market') expect(app.get(StrategyOperations, { strict: false })).toBeInstanceOf(StrategyOperations);

    await app.close();
    await context.close();
  });
});

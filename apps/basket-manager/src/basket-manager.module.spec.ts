import 'reflect-metadata';
import { DataSource } from '@aisle/persistence/nest';
import { PlatformModule } from '@aisle/platform';
import { memoryContext } from '@aisle/platform/testing';
import { ShutdownPlan } from '@aisle/std';
import { Test } from '@nestjs/testing';
import { BasketManagerConfig } from './basket-manager.config.ts';
import { BasketManagerModule } from './basket-manager.module.ts';
import { ManagedGroups } from './routing/managed-groups.ts';
import { Strategies } from './strategy/strategies.ts';

const DATABASE_URL = 'postgres://nobody@localhost/none';

describe('BasketManagerModule', () => {
  it.each([
    ['both groups', 'basket,market', ['servers: basket manager, market manager, queue strategy-manager']],
    ['markets alone', 'market', ['servers: market manager']],
  ])('is made by Nest for %s, and stops all its servers side by side', async (_what, groups, order) => {
    const context = memoryContext(BasketManagerConfig, { DATABASE_URL, SHARD_GROUPS: groups });
    const module = BasketManagerModule.serving(context.config.SHARD_GROUPS);
    const app = await Test.createTestingModule({ imports: [PlatformModule.with(context, module)] })
      .overrideProvider(DataSource).useValue({ destroy: async () => undefined })
      .compile();

    expect(app.get(ShutdownPlan).order).toEqual(order);
    expect(app.get(ManagedGroups, { strict: false })).toBeInstanceOf(ManagedGroups);
    if (groups !== 'market') expect(app.get(Strategies, { strict: false })).toBeInstanceOf(Strategies);

    await app.close();
    await context.close();
  });
});

import 'reflect-metadata';
import { ClusterNode } from '@aisle/cluster';
import { DataSource } from '@aisle/persistence/nest';
import { PlatformModule } from '@aisle/platform';
import { memoryContext } from '@aisle/platform/testing';
import { ShutdownPlan } from '@aisle/std';
import { Test } from '@nestjs/testing';
import { Deadlines } from './expiry/deadlines.ts';
import { MarketConfig } from './market.config.ts';
import { MarketModule } from './market.module.ts';
import { Markets } from './market/markets.ts';

describe('MarketModule', () => {
  it('is made by Nest, and hands its shards over before anything is closed', async () => {
    const context = memoryContext(MarketConfig, { DATABASE_URL: 'postgres://nobody@localhost/none' });
    const database = { driver: { master: { options: {} } }, destroy: async () => undefined, query: async () => [] };
    const app = await Test.createTestingModule({ imports: [PlatformModule.with(context, MarketModule)] })
      .overrideProvider(DataSource).useValue(database)
      .compile();

    expect(app.get(ShutdownPlan).order.map((phase) => phase.replace(/market-[\da-f-]{36}/, 'market-{incarnation}'))).toEqual([
      'readers: ageing, deadlines, journal pruner',
      'handover: cluster node',
      'servers: queue market-{incarnation}',
      'actors: actors',
      'relays: outbox relay',
      'requests: requester',
      'journal: journal',
    ]);
    expect(app.get(Markets, { strict: false }).routes.size).toBe(2);
    expect(app.get(ClusterNode, { strict: false })).toBeInstanceOf(ClusterNode);
    await app.get(Deadlines, { strict: false }).close();
    await context.close();
  });
});

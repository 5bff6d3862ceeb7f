import 'reflect-metadata';
import { ClusterNode } from '@aisle/cluster';
import { DataSource } from '@aisle/persistence/nest';
import { memoryContext } from '@aisle/platform/testing';
import { ShutdownPlan } from '@aisle/std';
import { Test } from '@nestjs/testing';
import { ReservationDeadlines } from './expiry/reservation-deadlines.ts';
import { market } from './market.app.ts';
import { Markets } from './market/markets.ts';

describe('the app market', () => {
  it('is made by Nest, and hands its shards over before it closes connections', async () => {
    const context = memoryContext(market.config, { DATABASE_URL: 'postgres://nobody@localhost/none' });
    const database = { driver: { master: { options: {} } }, destroy: async () => undefined, query: async () => [] };
    const app = await Test.createTestingModule({ imports: [market.root(context)] })
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
    await app.get(ReservationDeadlines, { strict: false }).close();
    await context.close();
  });
});

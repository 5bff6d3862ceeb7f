import 'reflect-metadata';
import { DataSource } from '@aisle/persistence/nest';
import { memoryContext } from '@aisle/platform/testing';
import { ShutdownPlan } from '@aisle/std';
import { Test } from '@nestjs/testing';
import { orders } from './orders.app.ts';
import { OrderPlacing } from './placing/order-placing.ts';

describe('the app orders', () => {
  it('is made by Nest; new orders stop first, and open ones can still send requests and events', async () => {
    const context = memoryContext(orders.config, { DATABASE_URL: 'postgres://nobody@localhost/none' });
    const app = await Test.createTestingModule({ imports: [orders.root(context)] })
      .overrideProvider(DataSource).useValue({ destroy: async () => undefined })
      .compile();

    expect(app.get(ShutdownPlan).order).toEqual([
      'intake: queue orders',
      'readers: consumer orders',
      'work: deadlines, steps',
      'relays: outbox relay',
      'requests: requester',
    ]);
    expect(app.get(OrderPlacing, { strict: false })).toBeInstanceOf(OrderPlacing);

    await app.close();
    await context.close();
  });
});

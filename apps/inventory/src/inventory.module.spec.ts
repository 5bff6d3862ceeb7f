import 'reflect-metadata';
import { OutboxRelay } from '@aisle/events';
import { DataSource } from '@aisle/persistence/nest';
import { memoryContext } from '@aisle/platform/testing';
import { ShutdownPlan } from '@aisle/std';
import { Test } from '@nestjs/testing';
import { inventory } from './inventory.app.ts';
import { Reservations } from './reservation/reservations.ts';

describe('the app inventory', () => {
  it('is created by Nest, and stops consumers before the relay, and pools last', async () => {
    const context = memoryContext(inventory.config, { DATABASE_URL: 'postgres://nobody@localhost/none' });
    const destroyed: string[] = [];
    const app = await Test.createTestingModule({ imports: [inventory.root(context)] })
      .overrideProvider(DataSource).useValue({ destroy: async () => void destroyed.push('pool') })
      .compile();

    expect(app.get(ShutdownPlan).order).toEqual([
      'readers: consumer inventory, consumer inventory-stock, inbox pruner',
      'relays: outbox relay',
      'requests: requester',
    ]);
    expect(app.get(Reservations, { strict: false })).toBeInstanceOf(Reservations);
    expect(app.get(OutboxRelay, { strict: false })).toBeInstanceOf(OutboxRelay);

    await app.close();
    expect(destroyed).toEqual(['pool']);
    await context.close();
  });
});

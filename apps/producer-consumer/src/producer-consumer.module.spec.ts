import 'reflect-metadata';
import { memoryContext } from '@aisle/platform/testing';
import { ShutdownPlan } from '@aisle/std';
import { Test } from '@nestjs/testing';
import { Consumers } from './consumer/consumers.ts';
import { producerConsumer } from './producer-consumer.app.ts';

describe('the app producer-consumer', () => {
  it('is created by Nest; at shutdown it answers messages, then ends its servers, and then releases their names', async () => {
    const context = memoryContext(producerConsumer.config, { DATABASE_URL: 'postgres://nobody@localhost/none' });
    const app = await Test.createTestingModule({ imports: [producerConsumer.root(context)] }).compile();

    expect(app.get(ShutdownPlan).order).toEqual([
      'readers: pipeline resumer',
      'servers: queue producer-consumer',
      'actors: actors',
      'followers: process meter',
      'requests: requester',
      'journal: names',
    ]);
    expect(app.get(Consumers, { strict: false })).toBeInstanceOf(Consumers);

    await app.close();
    await context.close();
  });
});

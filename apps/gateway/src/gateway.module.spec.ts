import 'reflect-metadata';
import { memoryContext } from '@aisle/platform/testing';
import { ShutdownPlan } from '@aisle/std';
import { Test } from '@nestjs/testing';
import { gateway } from './gateway.app.ts';

describe('the app gateway', () => {
  it('is created by Nest, and answers its requests before it stops the parts that they need', async () => {
    const context = memoryContext(gateway.config, { DATABASE_URL: 'postgres://nobody@localhost/none' });
    const app = await Test.createTestingModule({ imports: [gateway.root(context)] }).compile();

    expect(app.get(ShutdownPlan).order).toEqual([
      'servers: http server', 'followers: keyring, rates', 'requests: requester', 'journal: denial store, key store',
    ]);
    await app.close().catch(() => undefined);
    await context.close();
  });
});

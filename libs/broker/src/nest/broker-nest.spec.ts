import 'reflect-metadata';
import { failures, systemRuntime as runtime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { Controller, Module } from '@nestjs/common';
import type { INestMicroservice, LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { firstValueFrom, lastValueFrom, of } from 'rxjs';

import { requestHeader } from '../testing/envelopes.ts';
import { createMemoryTransport } from '../transports/memory-transport.ts';
import type { Transport } from '../transports/transport.ts';
import { BrokerClient } from './broker-client.ts';
import type { BrokerContext } from './broker-context.ts';
import { BrokerExceptionFilter } from './broker-exception.filter.ts';
import { BrokerServer } from './broker-server.ts';

const BasketFailure = failures('basket', {
  full: ['rejected', 'basket has no room for another product', (linesMax: number) => ({ linesMax })],
});

const events: string[] = [];
/** Calls of the list handler, and the functions that let them continue. */
const lists: object[] = [];
const listed: (() => void)[] = [];

@Controller()
class BasketController {
  @MessagePattern('basket.add')
  add(@Payload() { sku }: { sku: string }, @Ctx() { envelope }: BrokerContext): object {
    return { sku, basket: envelope.actor, tenant: envelope.tenant };
  }

  @MessagePattern('basket.where')
  where(@Ctx() { queue }: BrokerContext): string {
    return queue;
  }

  @MessagePattern('basket.refuse')
  refuse(): unknown {
    throw BasketFailure.full(3);
  }

  @MessagePattern('basket.crash')
  crash(): unknown {
    throw new Error('secret internals', { cause: new Error('their cause') });
  }

  @MessagePattern({ noun: 'basket', verb: 'count' })
  count(): unknown {
    return of(1, 2, 3);
  }

  @MessagePattern('basket.nothing')
  nothing(): void {}

  @MessagePattern('basket.list')
  async list(@Payload() page: { limit: number }, @Ctx() { envelope }: BrokerContext): Promise<object> {
    lists.push({ ...page, market: envelope.market });
    await new Promise<void>((resolve) => void listed.push(resolve));
    if (page.limit === 0) throw new Error('no page');
    return page;
  }

  @EventPattern('basket.abandoned')
  abandoned(@Payload() { id }: { id: string }): void {
    events.push(id);
  }

  @EventPattern('basket.broken')
  broken(@Payload() _body: object): void {
    throw new Error('nobody waits for this');
  }
}

@Module({ controllers: [BasketController] })
class BasketModule {}

describe('BrokerServer and BrokerClient', () => {
  let transport: Transport;
  let server: BrokerServer;
  let app: INestMicroservice;
  let client: BrokerClient;
  let crashes: { thrown: unknown; type: string }[];

  beforeEach(async () => {
    for (const all of [events, lists, listed]) all.length = 0;
    crashes = [];
    transport = createMemoryTransport({ runtime });
    server = new BrokerServer({
      transport,
      runtime,
      queue: ['baskets', 'baskets-1'],
      reads: { types: new Set(['basket.list']), atOnce: 2 },
      onCrash: (thrown, { type }) => crashes.push({ thrown, type }),
    });
    app = await NestFactory.createMicroservice(BasketModule, { strategy: server, logger: false });
    app.useGlobalFilters(new BrokerExceptionFilter());
    await app.listen();
    client = new BrokerClient({ transport, runtime, instance: 'gateway-1', queue: 'baskets' });
  });
  afterEach(async () => {
    await client.close();
    await app.close();
    await transport.close();
  });

  it('calls the handler of the type with the body and the header', async () => {
    const header = requestHeader({ type: 'basket.add', tenant: 'chain', actor: 'b1' });

    const answer = await client.request('baskets', header, { sku: 'GR1' });

    expect(answer).toEqual({ sku: 'GR1', basket: 'b1', tenant: 'chain' });
  });

  it.each(['baskets', 'baskets-1'])('passes the queue %s of a message to the handler', async (queue) => {
    expect(await client.request(queue, requestHeader({ type: 'basket.where' }), null)).toBe(queue);
  });

  it('passes the facts of a failure to the caller', async () => {
    const answer = client.request('baskets', requestHeader({ type: 'basket.refuse' }), null);

    await expect(answer).rejects.toMatchObject({
      kind: 'rejected',
      code: 'basket.full',
      message: 'basket has no room for another product',
      details: { linesMax: 3 },
    });
    expect(crashes).toEqual([]);
  });

  it('reports a bug of a handler once, with its causes, and never to the caller', async () => {
    const answer = client.request('baskets', requestHeader({ type: 'basket.crash' }), null);

    const error = await answer.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'RemoteCrash', code: 'internal' });
    expect(JSON.stringify(error) + String(error)).not.toContain('secret');
    expect(crashes).toEqual([
      {
        type: 'basket.crash',
        thrown: expect.objectContaining({
          message: 'secret internals',
          cause: expect.objectContaining({ message: 'their cause' }),
        }),
      },
    ]);
  });

  it('logs a bug with its causes when there is no onCrash', async () => {
    const logged: unknown[] = [];
    const { close } = await serve('logged', {
      logger: { log() {}, warn() {}, error: (thrown: unknown) => void logged.push(thrown) },
      filters: [new BrokerExceptionFilter()],
    });

    const answer = client.request('logged', requestHeader({ type: 'basket.crash' }), null);

    await expect(answer).rejects.toMatchObject({ code: 'internal' });
    expect(logged).toEqual([expect.objectContaining({ message: 'secret internals' })]);
    await close();
  });

  it('reports a missing filter, without which failures would be lost', async () => {
    const { crashes: reported, close } = await serve('unfiltered', { logger: false, filters: [] });

    const answer = client.request('unfiltered', requestHeader({ type: 'basket.refuse' }), null);

    await expect(answer).rejects.toMatchObject({ code: 'internal' });
    expect(reported).toMatchObject([{ name: 'FilterMissing' }]);
    await close();
  });

  it('answers a type without a handler as a bug', async () => {
    const answer = client.request('baskets', requestHeader({ type: 'basket.unheard-of' }), null);

    await expect(answer).rejects.toMatchObject({ code: 'internal' });
    expect(crashes).toMatchObject([{ thrown: { name: 'NoHandler' } }]);
  });

  it('handles a few reads at once, lets other messages pass, and handles equal reads once', async () => {
    const list = (limit: number, market = 'm1'): Promise<object> =>
      client.request('baskets', requestHeader({ id: 'same id', type: 'basket.list', market }), { limit });
    const answers = [list(1), list(2), list(3), list(3), list(3, 'm2'), list(4)];
    await eventually(() => listed.length === 2);

    await client.request('baskets', requestHeader({ type: 'basket.add' }), { sku: 'GR1' });
    const before = [...lists];
    for (let next = 0; next < 5; next += 1) {
      await eventually(() => listed.length > next);
      listed[next]?.();
    }

    expect(before).toEqual([{ limit: 1, market: 'm1' }, { limit: 2, market: 'm1' }]);
    expect(await Promise.all(answers)).toEqual([1, 2, 3, 3, 3, 4].map((limit) => ({ limit })));
    expect(lists).toEqual([
      { limit: 1, market: 'm1' }, { limit: 2, market: 'm1' }, { limit: 3, market: 'm1' }, { limit: 3, market: 'm2' },
      { limit: 4, market: 'm1' },
    ]);
  });

  it('reports a bug once when several readers waited for the same answer', async () => {
    const list = (limit: number): Promise<unknown> =>
      client.request('baskets', requestHeader({ type: 'basket.list' }), { limit }).catch((error: { code: string }) => error.code);
    const answers = [list(1), list(2), list(0), list(0)];
    for (let next = 0; next < 3; next += 1) {
      await eventually(() => listed.length > next);
      listed[next]?.();
    }

    expect(await Promise.all(answers)).toEqual([{ limit: 1 }, { limit: 2 }, 'internal', 'internal']);
    expect(crashes).toMatchObject([{ type: 'basket.list', thrown: { message: 'no page' } }]);
  });

  it('answers with undefined when the handler returns nothing', async () => {
    const header = requestHeader({ type: 'basket.nothing' });

    await expect(client.request('baskets', header, null)).resolves.toBeUndefined();
  });

  it("sends by Nest's contract, including patterns that are objects, and streams", async () => {
    const answer = client.send<number>({ verb: 'count', noun: 'basket' }, {});

    await expect(lastValueFrom(answer)).resolves.toBe(3);
  });

  it("rejects with the failure by Nest's contract", async () => {
    const answer = firstValueFrom(client.send('basket.refuse', {}));

    await expect(answer).rejects.toMatchObject({ kind: 'rejected', code: 'basket.full' });
  });

  it('emits events, which are not answered', async () => {
    client.emit('basket.abandoned', { id: 'b7' });

    await eventually(() => expect(events).toEqual(['b7']));
  });

  it('reports a bug of an event handler once', async () => {
    client.emit('basket.broken', {});

    await eventually(() => expect(crashes).toHaveLength(1));
    expect(crashes).toMatchObject([
      { type: 'basket.broken', thrown: { message: 'nobody waits for this' } },
    ]);
  });

  it("runs Nest's processing hooks around each handler", async () => {
    const calls: string[] = [];
    server.setOnProcessingStartHook((_id, context, done) => {
      calls.push(`start ${(context as BrokerContext).envelope.type}`);
      void done();
    });
    server.setOnProcessingEndHook(() => void calls.push('end'));

    await client.request('baskets', requestHeader({ type: 'basket.nothing' }), null);

    expect(calls).toEqual(['start basket.nothing', 'end']);
  });

  async function serve(
    queue: string,
    { logger, filters }: { logger: LoggerService | false; filters: BrokerExceptionFilter[] },
  ): Promise<{ crashes: unknown[]; close: () => Promise<void> }> {
    const reported: unknown[] = [];
    const onCrash = (thrown: unknown): void => void reported.push(thrown);
    const strategy = new BrokerServer({ transport, runtime, queue, ...(logger ? {} : { onCrash }) });
    const other = await NestFactory.createMicroservice(BasketModule, { strategy, logger });
    other.useGlobalFilters(...filters);
    await other.listen();
    return { crashes: reported, close: () => other.close() };
  }
});

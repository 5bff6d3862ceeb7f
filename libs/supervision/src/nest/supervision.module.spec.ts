import 'reflect-metadata';
import { VirtualRuntime } from '@aisle/std/testing';
import { Injectable, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { ExitReason } from '../exit-reason.ts';
import type { Address } from '../message/ref.ts';
import { ok, reply } from '../process/outcome.ts';
import { genServer } from '../server/gen-server.ts';
import type { ChildSpec } from '../supervisor/child-spec.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { System } from '../system.ts';
import { InjectRef, SupervisionModule } from './index.ts';

describe('SupervisionModule', () => {
  let app: INestApplicationContext;
  let rootExits: ExitReason[];
  beforeEach(async () => {
    rootExits = [];
    log.splice(0);
    app = await NestFactory.createApplicationContext(appModule(rootExits), { logger: false });
  });
  afterEach(() => app.close());

  it('starts the tree with the application', () => {
    expect(log).toEqual(['start prices', 'start inbox']);
    expect(app.get(System).observe()).toMatchObject([
      {
        id: 'root',
        children: [{ id: 'prices' }, { id: 'orders', children: [{ id: 'inbox' }] }],
      },
    ]);
  });

  it('injects addresses of children by class and by path of ids', async () => {
    const shop = app.get(Shop);

    expect(await shop.prices.call('ask')).toBe('prices: in euros');
    expect(await shop.inbox.call('ask')).toBe('inbox: -');
  });

  it('keeps an injected address through a restart', async () => {
    const { prices } = app.get(Shop);
    const before = prices.whereis()!;

    before.exit('kill');
    await settled();

    expect(prices.whereis()).not.toBe(before);
    expect(await prices.call('ask')).toBe('prices: in euros');
  });

  it('stops the tree in reverse order when the application closes', async () => {
    log.splice(0);

    await app.close();

    expect(log).toEqual(['stop inbox', 'stop prices']);
    expect(app.get(System).processCount).toBe(0);
    expect(rootExits).toEqual([]);
  });

  it('calls onRootExit when the root gives up', async () => {
    const { prices } = app.get(Shop);
    for (let crashes = 0; crashes < 2; crashes += 1) {
      prices.whereis()!.exit('kill');
      await settled();
    }

    expect(rootExits).toEqual(['shutdown']);
    expect(prices.whereis()).toBeUndefined();
    expect(String(prices)).toBe('PriceList');
  });

  it('fails the start of the application if the tree does not start', async () => {
    const Broken = genServer<object, null>({
      name: 'Broken',
      init: () => {
        throw new Error('no');
      },
    });
    @Module({
      imports: [SupervisionModule.forRoot({ strategy: 'one_for_one', children: [Broken.childSpec(undefined)] })],
    })
    class BrokenModule {}

    const start = NestFactory.createApplicationContext(BrokenModule, { logger: false, abortOnError: false });

    await expect(start).rejects.toMatchObject({ code: 'child.start_failed' });
  });
});

const log: string[] = [];

interface AskProtocol {
  call: { ask(): string };
}

const Answering = genServer<AskProtocol, string, string>({
  name: 'Answering',
  trapExit: true,
  init: (answer) => {
    log.push(`start ${answer.split(':')[0]}`);
    return ok(answer);
  },
  handleCall: { ask: (answer) => reply(answer, answer) },
  terminate: (_, answer) => void log.push(`stop ${answer.split(':')[0]}`),
});

@Injectable()
class Currency {
  readonly name = 'euros';
}

@Injectable()
class PriceList {
  constructor(private readonly currency: Currency) {}

  childSpec(): ChildSpec<string, AskProtocol> {
    return Answering.childSpec(`prices: in ${this.currency.name}`, { id: 'prices' });
  }
}

@Injectable()
class Shop {
  constructor(
    @InjectRef(PriceList) readonly prices: Address<AskProtocol>,
    @InjectRef('orders/inbox') readonly inbox: Address<AskProtocol>,
  ) {}
}

function appModule(rootExits: ExitReason[]): new () => object {
  const orders = Supervisor.childSpec(
    { strategy: 'one_for_one', children: [Answering.childSpec('inbox: -', { id: 'inbox' })] },
    { id: 'orders' },
  );
  @Module({
    imports: [
      SupervisionModule.forRoot(
        { strategy: 'one_for_one', maxRestarts: 1, children: [PriceList, orders] },
        { runtime: new VirtualRuntime(), onRootExit: (reason) => rootExits.push(reason) },
      ),
    ],
    providers: [Currency, PriceList, Shop],
  })
  class AppModule {}
  return AppModule;
}

function settled(): Promise<void> {
  return new VirtualRuntime().settle();
}

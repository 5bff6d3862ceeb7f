import { ShardLost } from '@aisle/journal';
import { VirtualSystem } from '@aisle/supervision/testing';
import type { Command, Known } from './command.ts';
import { MarketServer, type MarketActivation } from './market.actor.ts';
import { emptyMarket } from './market.ts';
import { defaults } from '../testing/bare-market.ts';

const PATIENT = { timeoutMs: 'infinity' } as const;

describe('a market', () => {
  it('submits nothing once it has ended, though an order was still being looked up', async () => {
    const system = new VirtualSystem();
    const submitted: Command[] = [];
    const activation = {
      latestState: { ...emptyMarket, orders: { ...emptyMarket.orders, forgottenAt: 1 } },
      over: true,
      submit: ({ command }: { command: Command }) => {
        submitted.push(command);
        return Promise.reject(new ShardLost(1));
      },
    } as unknown as MarketActivation;
    let found = (_known: Known): void => undefined;
    const lookUp = (): Promise<Known> => new Promise((resolve) => (found = resolve));
    const market = await system.start(MarketServer.childSpec({ load: async () => activation, lookUp }));
    const answer = market.call('run', committing('o1'), PATIENT).catch((failure: { code: string }) => failure.code);
    await system.settle();

    market.exit('shutdown');
    found(undefined as unknown as Known);
    await system.settle();

    expect(await answer).toBe('process.exited');
    expect(submitted).toEqual([]);
  });
});

function committing(orderId: string): Command {
  const occasion = { tenant: 'default', market: 'm1', now: { nowMs: 0, today: '2026-11-26' }, traceparent: '' };
  return { id: 'c1', action: { kind: 'commit', order: { orderId } }, occasion, defaults, known: undefined };
}

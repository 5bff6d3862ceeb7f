import { systemRuntime as runtime } from '@aisle/std';
import type { Action } from '../market/command.ts';
import type { MarketId } from '../rows/market-rows.repository.ts';
import { Ageing } from './ageing.ts';
import type { DueLot } from './due.repository.ts';

describe('Ageing', () => {
  it('checks the lots of all markets except a failing one, however many lots that has', async () => {
    const left = new Set([...lotsOf('a', 10), ...lotsOf('sick', 1_200), ...lotsOf('z', 700)]);
    const failures: unknown[] = [];
    const ageing = new Ageing({
      rows: { lots: async (_shards, _today, limit) => [...left].slice(0, limit) },
      markets: { now: { nowMs: 0, today: '2026-11-30' }, run: async ({ market }: MarketId, _command: unknown, action: Action) => {
        if (market === 'sick') throw new TypeError('a bug');
        const names = new Set('lots' in action ? action.lots.map(({ lot }) => lot) : []);
        for (const lot of left) if (lot.market === market && names.has(lot.lot)) left.delete(lot);
        return { outcome: undefined, replayed: false };
      } },
      heldShards: () => [0], runtime, everyMs: 60_000, onFailed: (error) => void failures.push(error),
    });

    await ageing.pass();

    expect([...left].filter(({ market }) => market !== 'sick')).toEqual([]);
    expect(failures).toEqual([new TypeError('a bug')]);
  });
});

function lotsOf(market: string, count: number): DueLot[] {
  return Array.from({ length: count }, (_, number) => ({ tenant: 'default', market, sku: 'milk', lot: `${number}` }));
}

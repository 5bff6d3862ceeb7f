import { SHARDS, actorKey, type Operation } from '@aisle/contracts';
import type { RecordedRow } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { systemRuntime } from '@aisle/std';
import { BareBaskets } from '../testing/bare-baskets.ts';
import { RecordedBaskets, type ReadableJournal } from './recorded-baskets.ts';

const M1 = { tenant: 'default', market: { id: 'm1', currency: 'GBP' } };

describe('RecordedBaskets', () => {
  it('shows the baskets changed last, as they were recorded', async () => {
    const { baskets, recorded } = shop();
    await baskets.apply('anna', [add('GR1', 1)]);
    await baskets.apply('bob', [add('SR1', 1)]);
    await baskets.apply('anna', [add('CF1', 2)]);
    await baskets.apply('cleo', [add('GR1', 3)]);

    const samples = await recorded.latest(M1, 2);

    expect(samples.map(({ items }) => items.map(({ sku, quantity }) => [sku, quantity]))).toEqual([
      [['GR1', 3]], [['GR1', 1], ['CF1', 2]],
    ]);
    expect(samples[0]).toMatchObject({
      items: [{ unitPriceMinor: 311 }], context: { market: 'm1', currency: 'GBP', now: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
  });

  it('leaves out what holds nothing, and what another market or tenant has', async () => {
    const { baskets, recorded } = shop();
    await baskets.apply('opened', []);
    await baskets.apply('cleared', [add('GR1', 1)]);
    await baskets.apply('cleared', [{ op: 'clear' }]);
    await baskets.apply('anna', [add('GR1', 1)]);

    expect(await recorded.latest(M1, 10)).toHaveLength(1);
    expect(await recorded.latest({ ...M1, market: { id: 'm2', currency: 'GBP' } }, 10)).toEqual([]);
    expect(await recorded.latest({ ...M1, tenant: 'other' }, 10)).toEqual([]);
  });

  it('shows a basket that was saved and grew since', async () => {
    const { baskets, recorded } = shop();
    for (let unit = 0; unit < 250; unit += 1) await baskets.apply('anna', [add('GR1', 1)]);

    expect(await recorded.latest(M1, 5)).toMatchObject([{ items: [{ sku: 'GR1', quantity: 250 }] }]);
  });

  it('reads little of a long journal, and less when it is asked again', async () => {
    const { journal, recorded } = longJournal(3_000_000);

    const samples = await recorded.latest(M1, 50);
    const first = journal.rowsRead;
    await recorded.latest(M1, 50);

    expect(samples).toHaveLength(50);
    expect(first).toBeLessThan(20_000);
    expect(journal.rowsRead - first).toBeLessThan(first);
  });

  it('looks only so far for a market in which nothing happens', async () => {
    const { journal, recorded } = longJournal(3_000_000);

    const samples = await recorded.latest({ ...M1, market: { id: 'm2', currency: 'GBP' } }, 50);

    expect(samples).toEqual([]);
    expect(journal.rowsRead).toBeLessThan(40_000);
  });
});

function shop() {
  const baskets = new BareBaskets(new MemoryJournal(systemRuntime), 'node-1', systemRuntime);
  return { baskets, recorded: new RecordedBaskets(baskets.journal) };
}

/** So many rows, each the first of its basket, which are made when they are read. */
function longJournal(rows: number) {
  const journal = {
    rowsRead: 0,
    async readAfter(positions: Parameters<ReadableJournal['readAfter']>[0], limit: number) {
      const found = positions.flatMap(({ shard, pos }) => {
        const first = pos + 1 + ((shard - pos - 1) % SHARDS.basket + SHARDS.basket) % SHARDS.basket;
        return Array.from({ length: limit }, (_, at) => first + at * SHARDS.basket).filter((at) => at <= rows).map(rowAt);
      });
      journal.rowsRead += found.length;
      return found;
    },
    loadAt: async ({ shard, actor }: { shard: number; actor: string }) =>
      ({ shard, actor, snapshot: undefined, rows: [rowAt(Number(actor.split('/b')[1]))] }),
  };
  return { journal, recorded: new RecordedBaskets(journal) };
}

function rowAt(pos: number): RecordedRow {
  const change = [1, 1_763_700_000_000, 1, 1, 311, [['GR1', 'Green tea', null, 1, 311, 311, false, [], []]], [], [], []];
  return {
    pos, shard: pos % SHARDS.basket, actor: actorKey('default', 'm1', `b${pos}`), epoch: 1, seq: 1, commandId: 'c',
    payloadHash: new Uint8Array(), outcome: new Uint8Array(), events: Buffer.from(JSON.stringify([change])), atMs: 0,
  };
}

function add(sku: string, quantity: number): Operation {
  return { op: 'add', sku, quantity };
}

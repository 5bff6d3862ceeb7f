import { SHARDS, actorKey, type Operation } from '@aisle/contracts';
import type { RecordedRow } from '@aisle/journal';
import { MemoryJournal } from '@aisle/journal/testing';
import { systemRuntime } from '@aisle/std';
import { BareBaskets, addressed } from '../testing/bare-baskets.ts';
import { RecordedBaskets, type ReadableJournal } from './recorded-baskets.ts';

const M1 = { tenant: 'default', market: { id: 'm1', currency: 'GBP', rounding: 'half-up' as const, terms: {} } };

describe('RecordedBaskets', () => {
  it('shows sold baskets, latest first, at the prices and instants of their sales', async () => {
    const { recorded, buy } = shop();
    await buy('anna', [add('GR1', 1)]);
    await buy('bob', [add('SR1', 1)]);
    await buy('anna', [add('GR1', 2), add('CF1', 2)]);

    const samples = await recorded.latest(M1, 2);

    expect(samples.map(({ key, items }) => [key, items.map(({ sku, quantity }) => [sku, quantity])])).toEqual([
      ['anna', [['GR1', 2], ['CF1', 2]]], ['bob', [['SR1', 1]]],
    ]);
    expect(samples[0]).toMatchObject({
      items: [{ unitPriceMinor: 311, category: 'tea' }, {}],
      context: { market: 'm1', currency: 'GBP', now: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
  });

  it('counts each sale once, however the basket was filled, and no unsold basket', async () => {
    const { baskets, recorded, buy } = shop();
    for (let unit = 0; unit < 249; unit += 1) await baskets.apply('anna', [add('GR1', 1)]);
    await buy('anna', [add('GR1', 1)]);
    await baskets.apply('anna', [add('SR1', 9)]);
    await baskets.apply('left-behind', [add('CF1', 1)]);

    expect(await recorded.latest(M1, 5)).toMatchObject([{ key: 'anna', items: [{ sku: 'GR1', quantity: 250 }] }]);
  });

  it('omits a checkout whose order was rejected, and counts the one after it', async () => {
    const { baskets, recorded, buy } = shop();
    await buy('anna', [add('GR1', 1), add('SR1', 1)]);
    await baskets.change(addressed('anna'), {
      id: 'back', operations: [], opens: false, pricer: baskets.prices.at(addressed('anna'), 'anna'),
      step: { kind: 'restore', orderId: 'order-1', lines: [{ sku: 'GR1', quantity: 1 }, { sku: 'SR1', quantity: 1 }], reason: 'out_of_stock', missing: [] },
    });
    expect(await recorded.latest(M1, 5)).toEqual([]);

    await buy('anna', [{ op: 'remove', sku: 'SR1' }]);

    expect(await recorded.latest(M1, 5)).toMatchObject([{ key: 'anna', items: [{ sku: 'GR1', quantity: 1 }] }]);
  });

  it('omits sales of other markets and tenants', async () => {
    const { recorded, buy } = shop();
    await buy('anna', [add('GR1', 1)]);

    expect(await recorded.latest(M1, 10)).toHaveLength(1);
    expect(await recorded.latest({ ...M1, market: { id: 'm2', currency: 'GBP', rounding: 'half-up' as const, terms: {} } }, 10)).toEqual([]);
    expect(await recorded.latest({ ...M1, tenant: 'other' }, 10)).toEqual([]);
  });

  it('reads a small part of a long journal, and less in a second search', async () => {
    const { journal, recorded } = longJournal(3_000_000);

    const samples = await recorded.latest(M1, 50);
    const first = journal.rowsRead;
    await recorded.latest(M1, 50);

    expect(samples).toHaveLength(50);
    expect(first).toBeLessThan(20_000);
    expect(journal.rowsRead - first).toBeLessThan(first);
  });

  it('limits the search for a market without sales', async () => {
    const { journal, recorded } = longJournal(3_000_000);

    const samples = await recorded.latest({ ...M1, market: { id: 'm2', currency: 'GBP', rounding: 'half-up' as const, terms: {} } }, 50);

    expect(samples).toEqual([]);
    expect(journal.rowsRead).toBeLessThan(40_000);
  });
});

function shop() {
  const baskets = new BareBaskets(new MemoryJournal(systemRuntime), 'node-1', systemRuntime);
  let orders = 0;
  const buy = async (basket: string, operations: Operation[]) => {
    await baskets.apply(basket, operations);
    orders += 1;
    await baskets.change(addressed(basket), {
      id: `c-${orders}`, operations: [], opens: false, pricer: baskets.prices.at(addressed(basket), basket),
      step: { kind: 'checkout', orderId: `order-${orders}` },
    });
  };
  return { baskets, recorded: new RecordedBaskets(baskets.journal), buy };
}

/** Rows of checkouts, which are made when they are read. */
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
  };
  return { journal, recorded: new RecordedBaskets(journal) };
}

function rowAt(pos: number): RecordedRow {
  const change = [1, 1_763_700_000_000, 1, 1, 311, [['GR1', 'Green tea', null, 1, 311, 311, false, [], []]], [], [], []];
  return {
    pos, shard: pos % SHARDS.basket, actor: actorKey('default', 'm1', `b${pos}`), epoch: 1, seq: 1, commandId: 'c',
    payloadHash: new Uint8Array(), outcome: new Uint8Array(), events: Buffer.from(JSON.stringify([[2, 'checkedOut', `o${pos}`, change]])), atMs: 0,
  };
}

function add(sku: string, quantity: number): Operation {
  return { op: 'add', sku, quantity };
}

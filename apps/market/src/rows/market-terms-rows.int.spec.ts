import { EVENTS, type EventType } from '@aisle/contracts';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import type { Client } from 'pg';
import { marketSchema } from '../schema.ts';
import { dateAt } from '../testing/actions.ts';
import { adminClient } from '../testing/admin-client.ts';
import { body } from '../testing/bare-market.ts';
import { productPage } from '../product/product-page.ts';
import { MarketNode } from '../testing/market-node.ts';
import { newMarket, seen } from '../testing/market-state.ts';

describe('the rows of a market with terms', () => {
  let database: TestDatabase;
  let admin: Client;
  let node: MarketNode;

  beforeAll(async () => {
    database = await testDatabase(marketSchema);
    admin = await adminClient(database);
  });

  afterAll(async () => {
    await admin.end();
    await database.drop();
  });

  beforeEach(async () => {
    node = await MarketNode.start(database);
  });

  afterEach(() => node.kill());

  it('contain the facts of products and the terms of a market, and publish them as fields of events, also once more', async () => {
    const id = newMarket();
    const facts = { unit: { code: 'KGM', scale: 3 }, codes: [{ kind: 'plu', value: '4011' }], taxCategory: 'food' } as const;
    const tax = { pricesInclude: true, level: 'line', target: 'net', rates: [{ category: 'food', rate: '7', from: '2021-01-01' }] } as const;
    const terms = { timeZone: 'Pacific/Kiritimati', tax: { ...tax, rates: [...tax.rates] } };
    const product = { ...body('ham'), quantity: 10, ...facts, codes: [...facts.codes] };
    const published = async () => {
      const { rows } = await admin.query<{ type: EventType; data: object }>('SELECT type, data FROM outbox WHERE key = $1 ORDER BY seq', [`default/${id.market}`]);
      for (const { type, data } of rows) expect(EVENTS[type].parse(data)).toEqual(data);
      return rows.filter(({ type }) => type !== 'StockMoved').map(({ data }) => ({ ...data, revision: undefined }));
    };

    await node.do(id, { kind: 'configure', edit: terms });
    await node.do(id, { kind: 'create', sku: 'ham', product });

    const events = await published();
    const price = { amount: 100, currency: 'GBP' };
    expect(events).toEqual([
      { market: id.market, currency: 'GBP', rounding: 'half-up', ...terms },
      { market: id.market, sku: 'ham', name: 'ham', category: null, price, deleted: false, ...facts },
    ]);
    await admin.query('DELETE FROM outbox');
    await admin.query('SELECT announce_markets()');
    expect(await published()).toEqual(events);
    expect(await node.markets.read(id, (market) => productPage(market, id.market, { limit: 5 }).items)).toMatchObject([facts]);
    expect((await node.lists.markets('default', { limit: 1_000 })).items).toContainEqual(expect.objectContaining({ id: id.market, ...terms }));
    // Ten grams of ham are below two kilograms.
    expect((await node.lists.alerts(id, { limit: 5 }, node.markets.now)).items).toEqual([{ type: 'low_stock', sku: 'ham', available: 10, threshold: 2_000 }]);
    const before = await node.markets.read(id, seen);
    await node.kill();
    node = await MarketNode.start(database);
    expect(await node.markets.read(id, seen)).toEqual(before);
    expect(await node.markets.read(id, ({ codes, settings }) => [codes.get('plu:4011'), settings?.terms])).toEqual(['ham', terms]);
    await expect(node.do(id, { kind: 'create', sku: 'beef', product })).rejects.toMatchObject({ code: 'product.code_taken' });
  });

  it('are due on the business day of their market', async () => {
    const [east, west] = [newMarket(), newMarket()];
    await node.do(east, { kind: 'configure', edit: { timeZone: 'Pacific/Kiritimati' } });
    await node.do(west, { kind: 'configure', edit: { timeZone: 'Pacific/Niue' } });
    // Fourteen hours ahead of UTC, and eleven behind it: never the same day.
    const lots = Array.from({ length: 5 }, (_, at) => dateAt(node.clock.nowMs(), at - 2));
    for (const id of [east, west]) {
      await node.do(id, { kind: 'create', sku: 'fish', product: body('fish') });
      for (const lot of lots) await node.do(id, { kind: 'adjust', sku: 'fish', adjustment: { delta: 1, reason: 'delivered', expiresOn: lot } });
    }
    const held = Array.from({ length: 32 }, (_, shard) => shard);

    for (const id of [east, west]) await node.do(id, { kind: 'age', lots: lots.map((lot) => ({ sku: 'fish', lot })) });

    const due = await node.due.lots(held, node.markets.now, 500);
    expect(due.filter(({ market }) => market === east.market || market === west.market)).toEqual([]);
    const [eastLots, westLots] = await Promise.all([east, west].map((id) => node.markets.read(id, ({ products }) => products.get('fish')!.lots.length)));
    expect(westLots! - eastLots!).toBeGreaterThanOrEqual(1);
  });
});

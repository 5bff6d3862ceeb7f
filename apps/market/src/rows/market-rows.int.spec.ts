import fc from 'fast-check';
import { EVENTS, actorKey, shardOf, type EventType, type ImportReply } from '@aisle/contracts';
import { payloadHash } from '@aisle/journal';
import { migrate } from '@aisle/persistence';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { isFailure, systemRuntime as runtime, uuidv7 } from '@aisle/std';
import { Client } from 'pg';
import { CLOSED_MAX } from '../market/market.ts';
import { marketSchema } from '../schema.ts';
import { MarketFacts1796700000000 } from './market-facts.migration.ts';
import { MarketPromises1796000000100 } from './market-promises.migration.ts';
import { SKUS, anyAction, dateAt } from '../testing/actions.ts';
import { adminClient } from '../testing/admin-client.ts';
import { body } from '../testing/bare-market.ts';
import { MarketNode } from '../testing/market-node.ts';
import { newMarket, seen } from '../testing/market-state.ts';

describe('the rows of a market', () => {
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

  it('equal the state in memory and the sum of their movements after any commands, also on a server that takes over', async () => {
    const id = newMarket();
    for (const sku of SKUS) await node.do(id, { kind: 'create', sku, product: { ...body(sku), quantity: 10 } });
    const actions = fc.sample(anyAction, { numRuns: 400, seed: 20261126 });

    for (const [index, action] of actions.entries()) {
      if (index % 25 === 0) node.clock.aheadMs += 30 * 60_000;
      await node.do(id, action(node.clock.nowMs())).catch(unlessRefused);
    }

    const before = await node.markets.read(id, seen);
    await node.kill();
    node = await MarketNode.start(database);
    expect(await node.markets.read(id, seen)).toEqual(before);
    expect(before.products.map(({ sku, onHand }) => [sku, onHand])).toEqual(await summed(id));
    expect(await node.do(id, { kind: 'create', sku: 'eggs', product: body('eggs') })).toMatchObject({ created: true });
  });

  it('cannot promise more than there is, whoever writes the journal', async () => {
    const id = newMarket();
    await node.do(id, { kind: 'create', sku: 'tea', product: { ...body('tea'), quantity: 5 } });
    const actor = actorKey(id.tenant, id.market, id.market);
    const shard = shardOf('market', actor);
    const [owner] = await node.journal.owners([shard]);
    const lease = await node.journal.claim(shard, owner?.epoch ?? 0);
    const forged = [{ revision: 2, atMs: runtime.clock.nowMs(), stock: [['tea', 2, 5, 6]] }];

    const appended = await node.journal.append(lease!, {
      actor, seq: 2, commandId: uuidv7(runtime), payloadHash: payloadHash('x'),
      events: Buffer.from(JSON.stringify(forged)), outcome: Buffer.from(''),
    });

    expect(appended).toEqual({
      kind: 'unstorable', refusal: { sqlState: '23514', table: 'product', constraint: 'product_stock' },
    });
    expect(await admin.query('SELECT FROM journal WHERE actor = $1', [actor])).toMatchObject({ rowCount: 1 });
    expect(await admin.query('SELECT on_hand, reserved FROM product WHERE market = $1', [id.market])).toMatchObject({
      rows: [{ on_hand: 5, reserved: 0 }],
    });
  });

  it('are published once more when an administrator asks for a lost projection', async () => {
    const id = newMarket();
    for (const sku of ['tea', 'milk']) await node.do(id, { kind: 'create', sku, product: { ...body(sku), quantity: 1 } });
    await node.do(id, { kind: 'delete', sku: 'milk' });
    const productEvents = async () => {
      const { rows } = await admin.query<{ type: string; data: { sku?: string } }>(
        'SELECT type, data FROM outbox WHERE key = $1 ORDER BY seq', [`${id.tenant}/${id.market}`],
      );
      return rows.filter(({ type }) => type !== 'StockMoved');
    };
    // The latest event of each market and product.
    const before = new Map((await productEvents()).map((event) => [event.data.sku, event]));
    await admin.query('DELETE FROM outbox');

    await admin.query('SELECT announce_markets()');

    const again = await productEvents();
    expect(again.map(({ data: { sku } }) => sku)).toEqual([undefined, 'milk', 'tea']);
    for (const { type, data } of again) {
      const { revision: firstRevision, ...facts } = before.get(data.sku)!.data as Record<string, unknown>;
      expect({ type, data }).toEqual({ type: before.get(data.sku)!.type, data: { ...facts, revision: expect.any(Number) as number } });
      expect((data as { revision?: number }).revision).toBeGreaterThanOrEqual(firstRevision as number);
    }
    const app = new Client({ connectionString: database.appUrl, options: '-c search_path=market' });
    await app.connect();
    await expect(app.query('SELECT announce_markets()')).rejects.toMatchObject({ code: '42501' });
    await app.end();
  });

  it('are written only by the journal', async () => {
    const app = new Client({ connectionString: database.appUrl, options: '-c search_path=market' });
    await app.connect();

    for (const table of ['market', 'product', 'lot', 'reservation', 'movement']) {
      await expect(app.query(`DELETE FROM ${table}`)).rejects.toMatchObject({ code: '42501' });
      await expect(app.query(`SELECT FROM ${table}`)).resolves.toBeDefined();
    }
    await app.end();
  });

  it('are not written by a process that has lost its shard', async () => {
    const id = newMarket();
    await node.do(id, { kind: 'create', sku: 'tea', product: { ...body('tea'), quantity: 5 } });
    const other = await MarketNode.start(database);
    await other.do(id, { kind: 'adjust', sku: 'tea', adjustment: { delta: 1, reason: 'found' } });

    await expect(node.do(id, { kind: 'adjust', sku: 'tea', adjustment: { delta: 100, reason: 'stale' } }))
      .rejects.toMatchObject({ kind: 'unavailable' });

    expect(await other.markets.read(id, ({ products }) => products.get('tea')?.onHand)).toBe(6);
    await other.kill();
  });

  it('are one row per command in a commit, and one update for a product that all commands change', async () => {
    const id = newMarket();
    await node.do(id, { kind: 'create', sku: 'tea', product: { ...body('tea'), quantity: 10 } });

    const replies = await Promise.all(Array.from({ length: 100 }, (_, n) => node.do(id, reserve(`order-${n}`, 'tea'))));

    expect(replies.filter((reply) => (reply as { outcome: string }).outcome === 'reserved')).toHaveLength(10);
    const { rows } = await admin.query(
      `SELECT standing, reason, count(*)::int FROM reservation WHERE market = $1 GROUP BY standing, reason ORDER BY standing`, [id.market],
    );
    expect(rows).toEqual([
      { standing: 'rejected', reason: 'out_of_stock', count: 90 }, { standing: 'reserved', reason: null, count: 10 },
    ]);
    expect(await admin.query('SELECT reserved, on_hand FROM product WHERE market = $1', [id.market])).toMatchObject({
      rows: [{ reserved: 10, on_hand: 10 }],
    });
  });

  it('are published in order, in events that match their schemas', async () => {
    const id = newMarket();
    // Ten minutes from now it may be tomorrow.
    const lot = dateAt(node.clock.nowMs(), 1);
    await node.do(id, { kind: 'create', sku: 'tea', product: { ...body('tea'), quantity: 4, expiresOn: lot } });
    await node.do(id, reserve('o1', 'tea', 3));
    await node.do(id, { kind: 'commit', order: { orderId: 'o1' } });
    await node.do(id, { kind: 'fulfil', order: { orderId: 'o1' } });
    await node.do(id, reserve('o2', 'tea', 1));
    node.clock.aheadMs += 11 * 60_000;
    await node.do(id, { kind: 'expire', orderIds: ['o2'] });
    await node.do(id, { kind: 'age', lots: [{ sku: 'tea', lot }] });

    const { rows } = await admin.query<{ type: EventType; key: string; id: string; topic: string; data: object }>(
      'SELECT type, key, id, topic, data FROM outbox WHERE key = $1 ORDER BY seq', [`default/${id.market}`],
    );

    expect(rows.map(({ type }) => type)).toEqual([
      'MarketChanged', 'ProductChanged', 'StockMoved', 'StockLow', 'StockMoved', 'ReservationExpired', 'LotNearExpiry',
    ]);
    for (const { type, data, topic } of rows) {
      expect(topic).toBe('markets');
      expect(EVENTS[type].parse(data)).toEqual(data);
    }
    expect(new Set(rows.map((row) => row.id)).size).toBe(rows.length);
    expect(rows.at(4)?.data).toMatchObject({ kind: 'fulfilled', delta: -3, onHand: 1, reserved: 0, orderId: 'o1' });
  });

  it('contain promises at risk, which a server that takes over knows, and publishes when they are covered again', async () => {
    const id = newMarket();
    const lot = dateAt(node.clock.nowMs(), 1);
    await node.do(id, { kind: 'create', sku: 'fish', product: { ...body('fish'), quantity: 5, expiresOn: lot } });
    for (const order of ['o1', 'o2']) {
      await node.do(id, reserve(order, 'fish', 2));
      await node.do(id, { kind: 'commit', order: { orderId: order } });
    }
    node.clock.aheadMs += 2 * 86_400_000;
    const aheadMs = node.clock.aheadMs;
    const held = Array.from({ length: 32 }, (_, shard) => shard);

    const due = (await node.due.lots(held, node.markets.now, 500)).filter(({ market }) => market === id.market);
    await node.do(id, { kind: 'age', lots: due });

    expect(due).toMatchObject([{ sku: 'fish', lot }]);
    expect((await node.due.lots(held, node.markets.now, 500)).filter(({ market }) => market === id.market)).toEqual([]);
    expect((await node.lists.alerts(id, { limit: 5 }, node.markets.now)).items).toEqual([
      { type: 'low_stock', sku: 'fish', available: 0, threshold: 2 },
      { type: 'promises_at_risk', sku: 'fish', promised: 4, good: 0 },
      { type: 'expired', sku: 'fish', lot, quantity: 4, expiresOn: lot },
    ]);
    expect((await node.lists.reservations(id, { limit: 5 })).items).toMatchObject([
      { orderId: 'o1', atRisk: ['fish'] }, { orderId: 'o2', atRisk: ['fish'] },
    ]);
    const before = await node.markets.read(id, seen);
    await node.kill();
    node = await MarketNode.start(database);
    node.clock.aheadMs = aheadMs;
    expect(await node.markets.read(id, seen)).toEqual(before);

    await node.do(id, { kind: 'adjust', sku: 'fish', adjustment: { delta: 3, reason: 'delivered' } });

    const { rows } = await admin.query<{ data: object }>(
      `SELECT data FROM outbox WHERE key = $1 AND type = 'PromisesAtRisk' ORDER BY seq`, [`default/${id.market}`],
    );
    for (const { data } of rows) expect(EVENTS.PromisesAtRisk.parse(data)).toEqual(data);
    expect(rows.map(({ data }) => data)).toMatchObject([
      { sku: 'fish', orderIds: ['o1', 'o2'], atRisk: true }, { sku: 'fish', orderIds: ['o1'], atRisk: false },
    ]);
    expect((await node.lists.reservations(id, { limit: 5 })).items.map(({ atRisk }) => atRisk)).toEqual([undefined, ['fish']]);
  });

  it('show each alert once, for any size of the page', async () => {
    const id = newMarket();
    await node.do(id, { kind: 'create', sku: 'fish', product: { ...body('fish'), quantity: 2, expiresOn: dateAt(node.clock.nowMs(), 1) } });
    await node.do(id, { kind: 'create', sku: 'milk', product: body('milk') });
    await node.do(id, reserve('o1', 'fish', 2));
    node.clock.aheadMs += 2 * 86_400_000;
    const page = (cursor?: string) => node.lists.alerts(id, { limit: 1, ...(cursor ? { cursor } : {}) }, node.markets.now);

    const types: string[] = [];
    for (let next: string | null | undefined; next !== null; ) {
      const { items, next: after } = await page(next);
      types.push(...items.map(({ type, sku }) => `${sku} ${type}`));
      next = after;
    }

    expect(types).toEqual(['fish low_stock', 'fish promises_at_risk', 'fish expired', 'milk low_stock']);
  });

  it('of an existing market publish its rounding', async () => {
    const old = marketSchema.migrations.filter((one) => one !== MarketPromises1796000000100 && one !== MarketFacts1796700000000);
    const before = await testDatabase({ schema: 'market', migrations: old });
    const client = await adminClient(before);
    await client.query(`
      INSERT INTO market (tenant, id, shard, actor, seq, revision, currency, rounding, low_stock, near_expiry_days, version)
      VALUES ('default', 'm1', 0, 'default/m1/m1', 3, 2, 'GBP', 'down', 5, 3, 1)`);

    await migrate({ ...before, ...marketSchema });

    const { rows } = await client.query<{ data: object }>('SELECT type, key, topic, data FROM outbox');
    expect(rows).toEqual([{
      type: 'MarketChanged', key: 'default/m1', topic: 'markets',
      data: { market: 'm1', currency: 'GBP', rounding: 'down', revision: 2 },
    }]);
    expect(EVENTS.MarketChanged.parse(rows[0]?.data)).toEqual(rows[0]?.data);
    await client.end();
    await before.drop();
  });

  it('answer for closed orders that memory has forgotten', async () => {
    const id = newMarket();
    await node.do(id, { kind: 'create', sku: 'tea', product: { ...body('tea'), quantity: 10 } });
    await node.do(id, { kind: 'release', order: { orderId: 'long ago', reason: 'timeout' } });
    await admin.query(
      `INSERT INTO reservation SELECT tenant, market, 'filler-' || n, 'rejected', 'out_of_stock', '[]', '[]', now(), 3, 3
       FROM reservation, generate_series(1, ${CLOSED_MAX}) AS n WHERE market = $1`, [id.market],
    );
    await admin.query(`UPDATE market SET revision = 3 WHERE id = $1`, [id.market]);
    await node.kill();
    node = await MarketNode.start(database);

    expect(await node.markets.read(id, ({ orders }) => orders.forgottenAt)).toBe(3);
    expect(await node.do(id, reserve('long ago', 'tea'))).toMatchObject({ outcome: 'rejected', reason: 'released' });
    expect(await node.do(id, reserve('new', 'tea'))).toMatchObject({ outcome: 'reserved' });
    expect(await node.do(id, { kind: 'release', order: { orderId: 'filler-7', reason: 'cancelled' } })).toEqual({
      standing: 'rejected', reason: 'out_of_stock',
    });
  });

  it('contain an import once, however often a part of it is repeated', async () => {
    const id = newMarket();
    const lines = Array.from({ length: 500 }, (_, n) => ({ line: n + 1, ...body(`p${n}`), quantity: n % 7 }));

    const first = await node.do(id, { kind: 'import', lines }, 'import-1');
    const again = await node.do(id, { kind: 'import', lines }, 'import-1');

    expect(first).toEqual({ created: 500, updated: 0, unchanged: 0, rejected: [] } satisfies ImportReply);
    expect(again).toEqual(first);
    expect(await node.rows.count(id)).toBe(500);
  });

  it('have the SKUs in the order of a market that was never unloaded', async () => {
    const id = newMarket();
    const skus = ['b', 'B', 'a-1', 'a', 'é', '10', '9', '牛乳'];
    for (const sku of skus) await node.do(id, { kind: 'create', sku, product: body(sku) });
    const before = await node.markets.read(id, (market) => market.skus);

    await node.kill();
    node = await MarketNode.start(database);

    expect(await node.markets.read(id, (market) => market.skus)).toEqual(before);
    expect(before).toEqual(skus.toSorted());
  });

  it('list movements and markets page by page', async () => {
    const id = newMarket();
    await node.do(id, { kind: 'import', lines: ['p1', 'p2', 'p3'].map((sku, n) => ({ line: n + 1, sku, ...body(sku), quantity: 9 })) });

    expect((await node.lists.movements(id, { limit: 5, sku: 'p2' })).items).toMatchObject([{ kind: 'initial', delta: 9, reason: 'import' }]);
    const first = await node.lists.movements(id, { limit: 2 });
    const second = await node.lists.movements(id, { limit: 2, cursor: first.next! });
    expect([...first.items, ...second.items].map(({ sku }) => sku)).toEqual(['p1', 'p2', 'p3']);
    await expect(node.lists.movements(id, { limit: 5, cursor: 'nonsense' })).rejects.toMatchObject({ code: 'page.cursor_invalid' });
    await expect(node.lists.movements({ ...id, market: 'nowhere' }, { limit: 5 })).rejects.toMatchObject({ code: 'market.unknown' });
    const markets = await node.lists.markets('default', { limit: 200 });
    expect(markets.items).toContainEqual(expect.objectContaining({ id: id.market, currency: 'GBP' }));
  });

  it('show low products, lots near or past expiry, and the stock of orders', async () => {
    const id = newMarket();
    const lot = (days: number): string => dateAt(node.clock.nowMs(), days);
    await node.do(id, { kind: 'create', sku: 'fresh', product: { ...body('fresh'), quantity: 50 } });
    await node.do(id, { kind: 'create', sku: 'salmon', product: { ...body('salmon'), quantity: 9, expiresOn: lot(2) } });
    await node.do(id, { kind: 'adjust', sku: 'salmon', adjustment: { delta: 4, reason: 'delivered', expiresOn: lot(-1) } });
    await node.do(id, reserve('o1', 'salmon', 8));

    const alerts = await node.lists.alerts(id, { limit: 2 }, node.markets.now);
    const rest = await node.lists.alerts(id, { limit: 2, cursor: alerts.next! }, node.markets.now);
    const reservations = await node.lists.reservations(id, { limit: 5, standing: 'reserved' });

    expect([...alerts.items, ...rest.items]).toEqual([
      { type: 'low_stock', sku: 'salmon', available: 1, threshold: 2 },
      { type: 'expired', sku: 'salmon', lot: lot(-1), quantity: 4, expiresOn: lot(-1) },
      { type: 'near_expiry', sku: 'salmon', lot: lot(2), quantity: 9, expiresOn: lot(2) },
    ]);
    expect(reservations.items).toEqual([{
      orderId: 'o1', standing: 'reserved', reason: null, lines: [{ sku: 'salmon', quantity: 8 }], missing: [],
      expiresAt: expect.any(String),
    }]);
  });

  function reserve(orderId: string, sku: string, quantity = 1): Parameters<MarketNode['do']>[1] {
    const expiresAt = new Date(node.clock.nowMs() + 600_000).toISOString();
    return { kind: 'reserve', order: { orderId, lines: [{ sku, quantity }], expiresAt, allowPartial: false } };
  }

  async function summed({ market }: { market: string }): Promise<[string, number][]> {
    const { rows } = await admin.query<{ sku: string; units: number }>(
      'SELECT sku, sum(delta)::int AS units FROM movement WHERE market = $1 GROUP BY sku ORDER BY sku', [market],
    );
    return rows.map(({ sku, units }) => [sku, units]);
  }
});

function unlessRefused(refusal: unknown): void {
  if (!isFailure(refusal) || refusal.kind === 'unavailable') throw refusal;
}

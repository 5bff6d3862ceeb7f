import { startOwnServer, type OwnServer } from '@aisle/dev/testing';
import { BullmqWakeups, type WakeupsOptions } from '@aisle/events';
import { testDatabase, type TestDatabase } from '@aisle/persistence/testing';
import { systemRuntime, type Runtime } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { Redis } from 'ioredis';
import { marketSchema } from '../schema.ts';
import { body } from '../testing/bare-market.ts';
import { MarketNode, requesterTo } from '../testing/market-node.ts';
import { Ageing } from './ageing.ts';
import { ReservationDeadlines } from './reservation-deadlines.ts';

const HOUR_MS = 60 * 60 * 1_000;
const ID = { tenant: 'default', market: 'm1' };

describe('the deadlines of reservations', () => {
  let database: TestDatabase;
  let server: OwnServer;
  let redis: Redis;
  let node: MarketNode;
  let deadlines: ReservationDeadlines;
  let failures: unknown[];
  /** A runtime with the node's clock, which a test can set ahead. */
  let runtime: Runtime;

  beforeAll(async () => {
    [database, server] = await Promise.all([testDatabase(marketSchema), startOwnServer('redis')]);
    redis = new Redis(server.url);
  });

  afterAll(async () => {
    redis.disconnect();
    await server.discard();
    await database.drop();
  });

  beforeEach(async () => {
    node = await MarketNode.start(database);
    runtime = { ...systemRuntime, clock: node.clock };
    failures = [];
    const onFailed = (error: unknown): void => void failures.push(error);
    const wakeups = (options: Pick<WakeupsOptions, 'onDue' | 'findDue'>): BullmqWakeups =>
      new BullmqWakeups({ ...options, runtime, redisUrl: server.url, keyPrefix: 'deadlines:', name: 'reservations', sweepMs: 200, onFailed });
    deadlines = new ReservationDeadlines({ rows: node.due, requester: requesterTo(node), runtime, wakeups, onFailed });
  });

  afterEach(async () => {
    await deadlines.close();
    await node.kill();
  });

  it('let all of a thousand reservations expire, although Redis is flushed meanwhile', async () => {
    await node.do(ID, { kind: 'create', sku: 'tea', product: { ...body('tea'), quantity: 1_000 } });
    const endsAtMs = node.clock.nowMs() + HOUR_MS;
    await Promise.all(Array.from({ length: 1_000 }, (_, n) => reserve(`o${n}`, endsAtMs)));
    await eventually(async () => expect(await redis.keys('deadlines:*')).not.toEqual([]));
    expect(await reserved()).toBe(1_000);

    await redis.flushall();
    node.clock.aheadMs += HOUR_MS;

    await eventually(async () => expect(await reserved()).toBe(0));
    const standings = await node.markets.read(ID, ({ orders }) => [...orders.closed.values()].map(({ standing, reason }) => `${standing} ${reason}`));
    expect(standings).toEqual(Array(1_000).fill('released expired'));
  });

  it('wake at the end of a reservation, and keep committed stock', async () => {
    await node.do(ID, { kind: 'create', sku: 'milk', product: { ...body('milk'), quantity: 10 } });
    const endsAtMs = node.clock.nowMs() + HOUR_MS;
    await reserve('late', endsAtMs, 'milk');
    await reserve('in time', endsAtMs, 'milk');
    await node.do(ID, { kind: 'commit', order: { orderId: 'in time' } });
    node.clock.aheadMs += HOUR_MS;

    await eventually(async () => expect(await reserved('milk')).toBe(1));

    expect(await node.do(ID, { kind: 'commit', order: { orderId: 'late' } })).toEqual({ standing: 'released', reason: 'expired' });
    expect(failures).toEqual([]);
  });

  it('exist for lots as well: expired units are written off, and near expiry is published once', async () => {
    const id = { tenant: 'default', market: 'm2' };
    const day = (days: number): string => new Date(node.clock.nowMs() + days * 86_400_000).toISOString().slice(0, 10);
    await node.do(id, { kind: 'create', sku: 'salmon', product: { ...body('salmon'), quantity: 5, expiresOn: day(2) } });
    await node.do(id, { kind: 'adjust', sku: 'salmon', adjustment: { delta: 3, reason: 'delivered', expiresOn: day(-1) } });
    const ageing = new Ageing({
      rows: node.due, markets: node.markets, heldShards: () => Array.from({ length: 32 }, (_, shard) => shard), runtime,
      everyMs: 60_000, onFailed: (error) => void failures.push(error),
    });

    await ageing.pass();
    await ageing.pass();

    const lots = await node.markets.read(id, ({ products }) => products.get('salmon')?.lots);
    expect(lots).toEqual([{ lot: day(2), expiresOn: day(2), quantity: 5, warned: true }]);
    const { items } = await node.lists.movements(id, { limit: 10 });
    expect(items.at(-1)).toMatchObject({ kind: 'written_off', delta: -3, reason: 'expired' });
    expect(failures).toEqual([]);
    await ageing.stop();
  });

  async function reserve(orderId: string, endsAtMs: number, sku = 'tea'): Promise<void> {
    const order = { orderId, lines: [{ sku, quantity: 1 }], expiresAt: new Date(endsAtMs).toISOString(), allowPartial: false };
    await node.do(ID, { kind: 'reserve', order });
    deadlines.add(ID, endsAtMs);
  }

  function reserved(sku = 'tea'): Promise<number | undefined> {
    return node.markets.read(ID, ({ products }) => products.get(sku)?.reserved);
  }
});

import type { Order, OrderList, OrderStatus, PlaceReply, CreateReply, PlaceOrder } from '@aisle/contracts';
import { ORDER_MESSAGES } from '@aisle/contracts';
import { Failure, systemRuntime, uuidv7 } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { INVENTORY, MARKETS, expired, gbp, refused, reserved, startOrders, type OrdersWorld } from './testing/orders-world.ts';

class StockExpired extends Failure {
  readonly kind = 'rejected';
  readonly code = 'stock.expired';
}

describe('orders', () => {
  let world: OrdersWorld;
  beforeAll(async () => {
    world = await startOrders({ ORDER_RETRY_MS: '300', MARKET_ATTEMPT_MS: '100' });
  }, 120_000);
  afterAll(() => world.stop());
  afterEach(() => {
    world.market.isDeaf = false;
    world.market.refusal = undefined;
  });

  describe('being placed', () => {
    it('takes a checked-out basket once, whatever comes again under its id', async () => {
      const id = newId();

      const answers = [
        await place(id), await place(id), await place(id, { ...basket, total: gbp(1) }).catch(codeOf),
      ];

      expect(answers).toEqual([{ outcome: 'placed' }, { outcome: 'already-placed' }, 'idempotency.mismatch']);
      expect(await read(id)).toMatchObject({
        id, market: 'm1', basket: 'anna', status: 'PENDING', total: gbp(622), lines: basket.lines,
        history: [{ status: 'PENDING' }],
      });
    });

    it('takes it once when it comes from everywhere at the same time', async () => {
      const id = newId();

      const answers = await Promise.all(Array.from({ length: 20 }, () => place(id)));

      expect(answers.filter(({ outcome }) => outcome === 'placed')).toHaveLength(1);
    });

    it('answers all that come together under one key alike', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => create('twenty at once')));

      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(new Set(answers.map(({ order }) => JSON.stringify(order))).size).toBe(1);
    });

    it('prices products at once and for good; the same key is the same order, with the same answer', async () => {
      const first = await create('a key');
      world.prices.set('GR1', 999);
      await confirm(first.order.id);

      const again = await create('a key');
      const other = await create('a key', [{ sku: 'SR1', quantity: 9 }]).catch(codeOf);
      world.prices.set('GR1', 311);

      expect(first).toMatchObject({ replayed: false, order: { status: 'PENDING', total: gbp(622), lines: [{ sku: 'GR1', net: gbp(622) }] } });
      expect(again).toEqual({ ...first, replayed: true });
      expect(other).toBe('idempotency.mismatch');
    });

    it('answers a retry when the product is no longer sold, and refuses another order of it', async () => {
      const first = await create('before it went', [{ sku: 'SR1', quantity: 1 }]);
      world.prices.delete('SR1');

      const again = await create('before it went', [{ sku: 'SR1', quantity: 1 }]);
      const other = await create('after it went', [{ sku: 'SR1', quantity: 1 }]).catch(codeOf);
      world.prices.set('SR1', 500);

      expect([again.order.id, again.replayed, other]).toEqual([first.order.id, true, 'basket.product_unknown']);
    });

    it('commits many that come together in few transactions', async () => {
      const ids = Array.from({ length: 500 }, newId);

      await Promise.all(ids.map((id) => place(id)));

      const { rows } = await world.rows.query<{ transactions: string }>(
        'SELECT count(DISTINCT xmin::text) AS transactions FROM orders WHERE id = ANY ($1)', [ids],
      );
      expect(Number(rows[0]?.transactions)).toBeLessThan(20);
    });
  });

  describe('being decided', () => {
    it('is CONFIRMED once its stock is its own', async () => {
      const id = await placed();

      await confirm(id);

      expect((await read(id)).history.map(({ status }) => status)).toEqual(['PENDING', 'RESERVED', 'CONFIRMED']);
      expect(await told(id)).toEqual(['OrderCreated', 'OrderConfirmed']);
      expect(world.market.standings.get(id)).toEqual({ standing: 'committed' });
    });

    it('is REJECTED without stock', async () => {
      const id = await placed();

      await world.tell(INVENTORY, [refused(id)]);

      expect(await ended(id, 'REJECTED')).toMatchObject({ reason: 'out_of_stock' });
      expect(await told(id)).toEqual(['OrderCreated', 'OrderRejected']);
    });

    it('is REJECTED when its reservation ran out, whichever is heard first', async () => {
      const [one, other] = [await placed(), await placed()];
      for (const id of [one, other]) world.market.standings.set(id, { standing: 'released', reason: 'expired' });

      await world.tell(MARKETS, [expired(one)]);
      await world.tell(INVENTORY, [reserved(one), reserved(other)]);

      expect(await ended(one, 'REJECTED')).toMatchObject({ reason: 'expired' });
      expect(await ended(other, 'REJECTED')).toMatchObject({ reason: 'expired' });
    });

    it('stays what it is when everything is told three times', async () => {
      const [sold, refusedOne] = [await placed(), await placed()];
      world.market.reserve({ orderId: sold });

      await world.tell(INVENTORY, Array(3).fill([reserved(sold), refused(refusedOne)]).flat());

      await ended(sold, 'CONFIRMED');
      await ended(refusedOne, 'REJECTED');
      expect(await told(sold)).toEqual(['OrderCreated', 'OrderConfirmed']);
      expect(await told(refusedOne)).toEqual(['OrderCreated', 'OrderRejected']);
    });

    it('costs less when some of it is missing', async () => {
      const id = await placed();
      world.market.reserve({ orderId: id });

      await world.tell(INVENTORY, [reserved(id, [{ sku: 'GR1', quantity: 1 }])]);

      expect(await ended(id, 'CONFIRMED')).toMatchObject({ total: gbp(311), missing: [{ sku: 'GR1', quantity: 1 }] });
    });

    it('stays RESERVED while the market does not answer, and is CONFIRMED when it does', async () => {
      const id = await placed();
      world.market.reserve({ orderId: id });
      world.market.isDeaf = true;

      await world.tell(INVENTORY, [reserved(id)]);
      await eventually(async () => expect(await read(id)).toMatchObject({ status: 'RESERVED' }), 30_000);
      world.market.isDeaf = false;

      await ended(id, 'CONFIRMED');
    });
  });

  describe('being cancelled', () => {
    it.each(['PENDING', 'CONFIRMED'])('gives its stock back: %s', async (from) => {
      const id = await placed();
      if (from === 'CONFIRMED') await confirm(id);

      const cancelled = await world.ask<Order>(ORDER_MESSAGES.cancel, { actor: id });
      const again = await world.ask<Order>(ORDER_MESSAGES.cancel, { actor: id });

      expect([cancelled.status, again.status]).toEqual(['CANCELLED', 'CANCELLED']);
      expect(world.market.standings.get(id)).toEqual({ standing: 'released', reason: 'cancelled' });
      expect(await told(id)).toContain('OrderCancelled');
    });

    it('is CANCELLED in the end when the market did not answer at first', async () => {
      const id = await placed();
      await confirm(id);
      world.market.isDeaf = true;

      const unknown = await world.ask(ORDER_MESSAGES.cancel, { actor: id }).catch(codeOf);
      world.market.isDeaf = false;

      expect(unknown).toBe('order.undecided');
      await ended(id, 'CANCELLED');
    });

    it('is refused once the goods are out', async () => {
      const id = await placed();
      await confirm(id);
      const fulfilled = await world.ask<Order>(ORDER_MESSAGES.fulfil, { actor: id });

      const cancelled = await world.ask(ORDER_MESSAGES.cancel, { actor: id }).catch(codeOf);

      expect([fulfilled.status, cancelled]).toEqual(['FULFILLED', 'order.not_cancellable']);
    });
  });

  describe('being fulfilled', () => {
    it('is refused until it is CONFIRMED, and of an order that there is not', async () => {
      const early = await world.ask(ORDER_MESSAGES.fulfil, { actor: await placed() }).catch(codeOf);
      const nobodys = await world.ask(ORDER_MESSAGES.fulfil, { actor: 'nobody' }).catch(codeOf);

      expect([early, nobodys]).toEqual(['order.not_fulfillable', 'order.missing']);
    });

    it('says why the market hands nothing out, and may be asked for again', async () => {
      const id = await placed();
      await confirm(id);
      world.market.refusal = new StockExpired('what is left has expired');

      const refusedNow = await world.ask(ORDER_MESSAGES.fulfil, { actor: id }).catch(codeOf);
      world.market.refusal = undefined;
      const later = await world.ask<Order>(ORDER_MESSAGES.fulfil, { actor: id });

      expect([refusedNow, later.status]).toEqual(['stock.expired', 'FULFILLED']);
    });
  });

  describe('being listed', () => {
    it('comes in pages, latest first, by market and status', async () => {
      const ids: string[] = [];
      for (let count = 0; count < 5; count += 1) {
        ids.unshift(newId());
        await place(ids[0] as string, basket, 'm9');
      }

      const first = await list({ market: 'm9', limit: 2 });
      const second = await list({ market: 'm9', limit: 2, cursor: first.next });
      const third = await list({ market: 'm9', status: 'PENDING', limit: 2, cursor: second.next });

      expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids);
      expect(third.next).toBeNull();
      expect((await list({ market: 'm9', status: 'CONFIRMED', limit: 2 })).items).toEqual([]);
      expect(await list({ limit: 2, cursor: 'nonsense' }).catch(codeOf)).toBe('order.cursor_invalid');
    });
  });

  it('leaves a trace in the log by which it can be followed', async () => {
    const id = newId();
    const traceId = 'a'.repeat(32);
    await world.ask(ORDER_MESSAGES.place, { actor: id, traceparent: `00-${traceId}-${'b'.repeat(16)}-01` }, basket);
    await confirm(id);

    const lines = world.logs.filter((line) => line['traceId'] === traceId).map(({ message }) => message);

    expect(lines).toEqual(['order placed', 'order reserved', 'order confirmed']);
  });

  const basket: PlaceOrder = {
    basket: 'anna', total: gbp(622), lines: [{ sku: 'GR1', quantity: 2, unitPrice: gbp(311), net: gbp(622) }],
  };

  function place(id: string, body = basket, market = 'm1'): Promise<PlaceReply> {
    return world.ask(ORDER_MESSAGES.place, { actor: id, market }, body);
  }

  async function placed(): Promise<string> {
    const id = newId();
    await place(id);
    return id;
  }

  function create(key: string, lines = [{ sku: 'GR1', quantity: 2 }]): Promise<CreateReply> {
    return world.ask(ORDER_MESSAGES.create, { id: key }, { market: 'm1', lines, allowPartial: false });
  }

  async function confirm(id: string): Promise<void> {
    world.market.reserve({ orderId: id });
    await world.tell(INVENTORY, [reserved(id)]);
    await ended(id, 'CONFIRMED');
  }

  function read(id: string): Promise<Order> {
    return world.ask(ORDER_MESSAGES.read, { actor: id });
  }

  function ended(id: string, status: OrderStatus): Promise<Order> {
    return eventually(async () => {
      const order = await read(id);
      expect(order.status).toBe(status);
      return order;
    }, 30_000);
  }

  function list(page: object): Promise<OrderList> {
    return world.ask(ORDER_MESSAGES.list, {}, page);
  }

  /** What the other apps were told of an order, once all of it is published. */
  async function told(id: string): Promise<string[]> {
    return eventually(async () => {
      const { rows: left } = await world.rows.query('SELECT 1 FROM outbox WHERE key = $1', [id]);
      expect(left).toEqual([]);
      const { rows } = await world.rows.query<{ type: string }>(
        `SELECT event->>'type' AS type FROM outbox_log WHERE key = $1 ORDER BY position`, [id],
      );
      return rows.map(({ type }) => type);
    });
  }
});

function newId(): string {
  return uuidv7(systemRuntime);
}

function codeOf(failure: { code: string }): string {
  return failure.code;
}

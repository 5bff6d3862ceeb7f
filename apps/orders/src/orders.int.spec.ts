import { OrderProtocol } from '@aisle/contracts';
import { failures } from '@aisle/std';
import { eventually } from '@aisle/std/testing';
import { gbp } from './testing/fake-baskets.ts';
import { OrderCalls, annas, newId } from './testing/order-calls.ts';
import { INVENTORY, MARKETS, expired, refused, reserved, startOrders, type OrdersWorld } from './testing/orders-world.ts';

const StockFailure = failures('stock', { expired: ['rejected', 'what is left has expired'] });

describe('orders', () => {
  let world: OrdersWorld;
  const calls = new OrderCalls(() => world);
  beforeAll(async () => {
    world = await startOrders({ ORDER_RETRY_MS: '300', MARKET_ATTEMPT_MS: '100' });
  });
  afterAll(() => world.stop());
  afterEach(() => {
    world.market.isDeaf = false;
    world.market.refusal = undefined;
  });

  describe('being placed', () => {
    it('takes a checked-out basket once, whatever comes again under its id', async () => {
      const id = newId();

      const answers = [
        await calls.place(id), await calls.place(id), await calls.place(id, { ...annas, total: gbp(1), lines: [{ ...annas.lines[0]!, total: gbp(1) }] }).catch(codeOf),
      ];

      expect(answers).toEqual([{ outcome: 'placed' }, { outcome: 'already-placed' }, 'idempotency.mismatch']);
      expect(await calls.read(id)).toMatchObject({
        id, market: 'm1', basket: 'anna', status: 'PENDING', total: gbp(622), lines: annas.lines,
        history: [{ status: 'PENDING' }],
      });
    });

    it('takes it once when it comes from everywhere at the same time', async () => {
      const id = newId();

      const answers = await Promise.all(Array.from({ length: 20 }, () => calls.place(id)));

      expect(answers.filter(({ outcome }) => outcome === 'placed')).toHaveLength(1);
    });

    it('answers all that come together under one key alike', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => calls.create('twenty at once')));

      expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(new Set(answers.map(({ order }) => JSON.stringify(order))).size).toBe(1);
    });

    it('prices products at once and for good; the same key is the same order, with the same answer', async () => {
      const first = await calls.create('a key');
      world.baskets.prices.set('GR1', 999);
      await calls.confirm(first.order.id);

      const again = await calls.create('a key');
      const other = await calls.create('a key', [{ sku: 'SR1', quantity: 9 }]).catch(codeOf);
      world.baskets.prices.set('GR1', 311);

      expect(first).toMatchObject({ replayed: false, order: { status: 'PENDING', total: gbp(622), lines: [{ sku: 'GR1', net: gbp(622) }] } });
      expect(again).toEqual({ ...first, replayed: true });
      expect(other).toBe('idempotency.mismatch');
    });

    it('answers a retry when the product is no longer sold, and refuses another order of it', async () => {
      const first = await calls.create('before it went', [{ sku: 'SR1', quantity: 1 }]);
      world.baskets.prices.delete('SR1');

      const again = await calls.create('before it went', [{ sku: 'SR1', quantity: 1 }]);
      const other = await calls.create('after it went', [{ sku: 'SR1', quantity: 1 }]).catch(codeOf);
      world.baskets.prices.set('SR1', 500);

      expect([again.order.id, again.replayed, other]).toEqual([first.order.id, true, 'basket.product_unknown']);
    });

    it('commits many that come together in few transactions', async () => {
      const ids = Array.from({ length: 500 }, newId);

      await Promise.all(ids.map((id) => calls.place(id)));

      const { rows } = await world.rows.query<{ transactions: string }>(
        'SELECT count(DISTINCT xmin::text) AS transactions FROM orders WHERE id = ANY ($1)', [ids],
      );
      expect(Number(rows[0]?.transactions)).toBeLessThan(20);
    });
  });

  describe('being decided', () => {
    it('is CONFIRMED once its stock is its own', async () => {
      const id = await calls.placed();

      await calls.confirm(id);

      expect((await calls.read(id)).history.map(({ status }) => status)).toEqual(['PENDING', 'RESERVED', 'CONFIRMED']);
      expect(await calls.told(id)).toEqual(['OrderCreated', 'OrderConfirmed']);
      expect(world.market.standings.get(id)).toEqual({ standing: 'committed' });
    });

    it('is REJECTED without stock', async () => {
      const id = await calls.placed();

      await world.tell(INVENTORY, [refused(id)]);

      expect(await calls.ended(id, 'REJECTED')).toMatchObject({ reason: 'out_of_stock' });
      expect(await calls.told(id)).toEqual(['OrderCreated', 'OrderRejected']);
    });

    it('is REJECTED when its reservation ran out, whichever is heard first', async () => {
      const [one, other] = [await calls.placed(), await calls.placed()];
      for (const id of [one, other]) world.market.standings.set(id, { standing: 'released', reason: 'expired' });

      await world.tell(MARKETS, [expired(one)]);
      await world.tell(INVENTORY, [reserved(one), reserved(other)]);

      expect(await calls.ended(one, 'REJECTED')).toMatchObject({ reason: 'expired' });
      expect(await calls.ended(other, 'REJECTED')).toMatchObject({ reason: 'expired' });
    });

    it('stays what it is when everything is told three times', async () => {
      const [sold, refusedOne] = [await calls.placed(), await calls.placed()];
      world.market.reserve({ orderId: sold });

      await world.tell(INVENTORY, Array(3).fill([reserved(sold), refused(refusedOne)]).flat());

      await calls.ended(sold, 'CONFIRMED');
      await calls.ended(refusedOne, 'REJECTED');
      expect(await calls.told(sold)).toEqual(['OrderCreated', 'OrderConfirmed']);
      expect(await calls.told(refusedOne)).toEqual(['OrderCreated', 'OrderRejected']);
    });

    it('stays RESERVED while the market does not answer, and is CONFIRMED when it does', async () => {
      const id = await calls.placed();
      world.market.reserve({ orderId: id });
      world.market.isDeaf = true;

      await world.tell(INVENTORY, [reserved(id)]);
      await eventually(async () => expect(await calls.read(id)).toMatchObject({ status: 'RESERVED' }));
      world.market.isDeaf = false;

      await calls.ended(id, 'CONFIRMED');
    });
  });

  describe('being cancelled', () => {
    it.each(['PENDING', 'CONFIRMED'])('gives its stock back: %s', async (from) => {
      const id = await calls.placed();
      if (from === 'CONFIRMED') await calls.confirm(id);

      const cancelled = await world.ask(OrderProtocol.cancel, { actor: id });
      const again = await world.ask(OrderProtocol.cancel, { actor: id });

      expect([cancelled.status, again.status]).toEqual(['CANCELLED', 'CANCELLED']);
      expect(world.market.standings.get(id)).toEqual({ standing: 'released', reason: 'cancelled' });
      expect(await calls.told(id)).toContain('OrderCancelled');
    });

    it('is CANCELLED in the end when the market did not answer at first', async () => {
      const id = await calls.placed();
      await calls.confirm(id);
      world.market.isDeaf = true;

      const unknown = await world.ask(OrderProtocol.cancel, { actor: id }).catch(codeOf);
      world.market.isDeaf = false;

      expect(unknown).toBe('order.undecided');
      await calls.ended(id, 'CANCELLED');
    });

    it('is refused once the goods are out', async () => {
      const id = await calls.placed();
      await calls.confirm(id);
      const fulfilled = await world.ask(OrderProtocol.fulfil, { actor: id });

      const cancelled = await world.ask(OrderProtocol.cancel, { actor: id }).catch(codeOf);

      expect([fulfilled.status, cancelled]).toEqual(['FULFILLED', 'order.not_cancellable']);
    });
  });

  describe('being fulfilled', () => {
    it('is refused until it is CONFIRMED, and of an order that there is not', async () => {
      const early = await world.ask(OrderProtocol.fulfil, { actor: await calls.placed() }).catch(codeOf);
      const nobodys = await world.ask(OrderProtocol.fulfil, { actor: 'nobody' }).catch(codeOf);

      expect([early, nobodys]).toEqual(['order.not_fulfillable', 'order.missing']);
    });

    it('says why the market hands nothing out, and may be asked for again', async () => {
      const id = await calls.placed();
      await calls.confirm(id);
      world.market.refusal = StockFailure.expired();

      const refusedNow = await world.ask(OrderProtocol.fulfil, { actor: id }).catch(codeOf);
      world.market.refusal = undefined;
      const later = await world.ask(OrderProtocol.fulfil, { actor: id });

      expect([refusedNow, later.status]).toEqual(['stock.expired', 'FULFILLED']);
    });
  });

  describe('being listed', () => {
    it('comes in pages, latest first, by market and status', async () => {
      const ids: string[] = [];
      for (let count = 0; count < 5; count += 1) {
        ids.unshift(newId());
        await calls.place(ids[0] as string, annas, 'm9');
      }

      const first = await calls.list({ market: 'm9', limit: 2 });
      const second = await calls.list({ market: 'm9', limit: 2, cursor: first.next as string });
      const third = await calls.list({ market: 'm9', status: 'PENDING', limit: 2, cursor: second.next as string });

      expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids);
      expect(third.next).toBeNull();
      expect((await calls.list({ market: 'm9', status: 'CONFIRMED', limit: 2 })).items).toEqual([]);
      expect(await calls.list({ limit: 2, cursor: 'nonsense' }).catch(codeOf)).toBe('order.cursor_invalid');
    });
  });

  it('leaves a trace in the log by which it can be followed', async () => {
    const id = newId();
    const traceId = 'a'.repeat(32);
    await world.ask(OrderProtocol.place, { actor: id, traceparent: `00-${traceId}-${'b'.repeat(16)}-01` }, annas);
    await calls.confirm(id);

    const lines = world.logs.filter((line) => line['traceId'] === traceId).map(({ message }) => message);

    expect(lines).toEqual(['order placed', 'order reserved', 'order confirmed']);
  });
});

function codeOf(failure: { code: string }): string {
  return failure.code;
}

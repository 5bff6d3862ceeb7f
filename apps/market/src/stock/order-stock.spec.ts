import { BareMarket } from '../testing/bare-market.ts';
import { emptyOrders, withOrder, type Orders } from '../market/market.ts';
import type { OrderStock } from './order-stock.ts';

describe('stock for an order', () => {
  let market: BareMarket;

  beforeEach(() => {
    market = new BareMarket();
    market.stock('tea', 10);
    market.stock('milk', 3);
  });

  it('is reserved if there is enough of every product', () => {
    expect(market.reserve('o1', { tea: 4, milk: 3 })).toEqual({
      outcome: 'reserved', lines: [{ sku: 'tea', quantity: 4 }, { sku: 'milk', quantity: 3 }], missing: [],
    });
    expect([market.product('tea').reserved, market.product('milk').reserved]).toEqual([4, 3]);
  });

  it('is all or nothing', () => {
    expect(market.reserve('o1', { tea: 4, milk: 5 })).toEqual({
      outcome: 'rejected', reason: 'out_of_stock', missing: [{ sku: 'milk', quantity: 2 }],
    });
    expect(market.product('tea').reserved).toBe(0);
  });

  it('is a part, for an order that allows it', () => {
    expect(market.reserve('o1', { tea: 4, milk: 5, caviar: 1 }, true)).toEqual({
      outcome: 'reserved',
      lines: [{ sku: 'tea', quantity: 4 }, { sku: 'milk', quantity: 3 }],
      missing: [{ sku: 'milk', quantity: 2 }, { sku: 'caviar', quantity: 1 }],
    });
  });

  it('is summed per product over all lines', () => {
    const lines = [{ sku: 'tea', quantity: 6 }, { sku: 'tea', quantity: 6 }];
    const expiresAt = new Date(market.nowMs + 1_000).toISOString();

    const reply = market.do({ kind: 'reserve', order: { orderId: 'o1', lines, expiresAt, allowPartial: false } });

    expect(reply).toEqual({ outcome: 'rejected', reason: 'out_of_stock', missing: [{ sku: 'tea', quantity: 2 }] });
  });

  it('is reserved or refused once, whatever has come since', () => {
    const first = market.reserve('o1', { tea: 10 });
    const second = market.reserve('o2', { tea: 1 });
    market.adjust('tea', { delta: 5 });

    expect(market.reserve('o1', { tea: 10 })).toEqual(first);
    expect(market.reserve('o2', { tea: 1 })).toEqual(second);
    expect(market.product('tea')).toMatchObject({ onHand: 15, reserved: 10 });
  });

  it('is enough for exactly ten of a hundred orders if there are ten units', () => {
    const replies = Array.from({ length: 100 }, (_, n) => market.reserve(`o${n}`, { tea: 1 }));

    expect(replies.filter((reply) => JSON.stringify(reply).includes('"reserved"'))).toHaveLength(10);
  });

  it('leaves at the fulfilment, and not before', () => {
    market.reserve('o1', { tea: 4 });

    expect(market.do({ kind: 'fulfil', order: { orderId: 'o1' } })).toEqual({ standing: 'reserved' });
    expect(market.do({ kind: 'commit', order: { orderId: 'o1' } })).toEqual({ standing: 'committed' });
    expect(market.product('tea')).toMatchObject({ onHand: 10, reserved: 4 });
    expect(market.do({ kind: 'fulfil', order: { orderId: 'o1' } })).toEqual({ standing: 'fulfilled' });

    expect(market.product('tea')).toMatchObject({ onHand: 6, reserved: 0 });
    expect(market.movements.at(-1)).toMatchObject({ kind: 'fulfilled', delta: -4, onHand: 6, orderId: 'o1' });
  });

  it.each([['reserved', false], ['committed', true]])('is released with an order that is %s', (_standing, commits) => {
    market.reserve('o1', { tea: 4 });
    if (commits) market.do({ kind: 'commit', order: { orderId: 'o1' } });

    const reply = market.do({ kind: 'release', order: { orderId: 'o1', reason: 'cancelled' } });

    expect(reply).toEqual({ standing: 'released', reason: 'cancelled' });
    expect(market.product('tea').reserved).toBe(0);
    expect(market.do({ kind: 'commit', order: { orderId: 'o1' } })).toEqual(reply);
  });

  it('stays committed when a time-out comes after the commit', () => {
    market.reserve('o1', { tea: 4 });
    market.do({ kind: 'commit', order: { orderId: 'o1' } });

    expect(market.do({ kind: 'release', order: { orderId: 'o1', reason: 'timeout' } })).toEqual({ standing: 'committed' });
    expect(market.product('tea').reserved).toBe(4);
  });

  it('is never reserved after an earlier release', () => {
    market.do({ kind: 'release', order: { orderId: 'o1', reason: 'timeout' } });

    expect(market.reserve('o1', { tea: 1 })).toEqual({ outcome: 'rejected', reason: 'released', missing: [] });
    expect(market.product('tea').reserved).toBe(0);
  });

  it('is not reserved for an order whose time is over', () => {
    const order = { orderId: 'o1', lines: [{ sku: 'tea', quantity: 1 }], expiresAt: new Date(market.nowMs).toISOString(), allowPartial: true };

    expect(market.do({ kind: 'reserve', order })).toMatchObject({ outcome: 'rejected', reason: 'expired' });
  });

  it.each(['commit', 'fulfil'] as const)('has no %s without a reservation', (kind) => {
    expect(() => market.do({ kind, order: { orderId: 'o9' } })).toThrow(expect.objectContaining({ code: 'stock.order_unknown' }));
  });

  it('is not available after its expiry, and never leaves', () => {
    market.stock('salmon', 5, '2026-11-27');
    market.reserve('o1', { salmon: 3 });
    market.do({ kind: 'commit', order: { orderId: 'o1' } });
    market.pass(2);

    expect(market.reserve('o2', { salmon: 1 })).toMatchObject({ outcome: 'rejected', reason: 'out_of_stock' });
    expect(() => market.do({ kind: 'fulfil', order: { orderId: 'o1' } })).toThrow(
      expect.objectContaining({ code: 'stock.expired', details: { sku: 'salmon', quantity: 3, good: 0 } }));
    market.adjust('salmon', { delta: 3, expiresOn: '2026-12-24' });
    expect(market.do({ kind: 'fulfil', order: { orderId: 'o1' } })).toEqual({ standing: 'fulfilled' });
  });
});

describe('a reservation whose time is over', () => {
  let market: BareMarket;

  beforeEach(() => {
    market = new BareMarket();
    market.stock('tea', 10);
    market.reserve('o1', { tea: 4 });
  });

  it('is released at the wake-up, and published', () => {
    market.pass(1);

    market.do({ kind: 'expire', orderIds: ['o1', 'unknown'] });

    expect(market.product('tea').reserved).toBe(0);
    expect(market.signals).toEqual(['ReservationExpired']);
    expect(() => market.do({ kind: 'expire', orderIds: ['o1'] })).toThrow(expect.objectContaining({ code: 'stock.nothing_due' }));
  });

  it('is not committed, even before the wake-up', () => {
    market.pass(1);

    expect(market.do({ kind: 'commit', order: { orderId: 'o1' } })).toEqual({ standing: 'released', reason: 'expired' });
    expect(market.product('tea').reserved).toBe(0);
    expect(market.signals).toEqual(['ReservationExpired']);
  });

  it('stays committed if it was committed in time, however late the wake-up comes', () => {
    market.do({ kind: 'commit', order: { orderId: 'o1' } });
    market.pass(30);

    expect(() => market.do({ kind: 'expire', orderIds: ['o1'] })).toThrow(expect.objectContaining({ code: 'stock.nothing_due' }));
    expect(market.product('tea').reserved).toBe(4);
  });

  it('is not released early', () => {
    expect(() => market.do({ kind: 'expire', orderIds: ['o1'] })).toThrow(expect.objectContaining({ code: 'stock.nothing_due' }));
  });
});

describe('the orders in memory', () => {
  it('are those that hold stock, and those that were closed lately', () => {
    let orders: Orders = emptyOrders;
    for (let n = 1; n <= 25; n += 1) orders = withOrder(orders, closed(`o${n}`), n, 10);

    expect([orders.closed.get('o25')?.id, orders.closedBefore.get('o11')?.id]).toEqual(['o25', 'o11']);
    expect(orders.closedBefore.get('o10')).toBeUndefined();
    expect(orders).toMatchObject({ completeAt: 20, forgottenAt: 10 });
  });

  it('require a row of a recent revision for an order that may be forgotten', () => {
    const market = new BareMarket();
    market.stock('tea', 10);
    market.state = { ...market.state, orders: { ...market.state.orders, forgottenAt: 5 } };
    const order = { id: 'o1', standing: 'released', reason: 'timeout', lines: [], missing: [], expiresAtMs: 0 } as const;
    const ask = (known?: Parameters<BareMarket['do']>[1]): unknown => {
      const expiresAt = new Date(market.nowMs + 1_000).toISOString();
      return market.do({ kind: 'reserve', order: { orderId: 'o1', lines: [{ sku: 'tea', quantity: 1 }], expiresAt, allowPartial: false } }, known);
    };

    expect(() => ask()).toThrow(expect.objectContaining({ code: 'stock.order_forgotten' }));
    expect(() => ask({ revision: 4, order })).toThrow(expect.objectContaining({ code: 'stock.order_forgotten' }));
    expect(ask({ revision: 5, order })).toEqual({ outcome: 'rejected', reason: 'released', missing: [] });
    expect(ask({ revision: 5 })).toMatchObject({ outcome: 'reserved' });
  });
});

function closed(id: string): OrderStock {
  return { id, standing: 'rejected', reason: 'out_of_stock', lines: [], missing: [], expiresAtMs: 0 };
}

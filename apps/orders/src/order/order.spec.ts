import type { OrderStatus } from '@aisle/contracts';
import {
  cancel, factOf, follow, fulfil, isFinal, markedAtRisk, priced, restored, partlyReserved, timeOut, type OrderState, type OrderStep,
  type StockFact,
} from './order.ts';

const placedOrder: OrderState = { status: 'PENDING', reason: null, step: null, basket: null, atRisk: [] };
const FACTS: readonly StockFact[] = [
  'reserved', 'committed', 'fulfilled', 'cancelled', 'out_of_stock', 'expired', 'timeout',
];

describe('an order after facts about its stock', () => {
  it.each<[status: OrderStatus, ...next: (OrderStatus | '-')[]]>([
    // reserved, committed, fulfilled, cancelled, out_of_stock, expired, timeout
    ['PENDING', 'RESERVED', 'CONFIRMED', 'FULFILLED', 'CANCELLED', 'REJECTED', 'REJECTED', 'REJECTED'],
    ['RESERVED', '-', 'CONFIRMED', 'FULFILLED', 'CANCELLED', 'REJECTED', 'REJECTED', 'REJECTED'],
    ['CONFIRMED', '-', '-', 'FULFILLED', 'CANCELLED', '-', '-', '-'],
    ['FULFILLED', '-', '-', '-', '-', '-', '-', '-'],
    ['REJECTED', '-', '-', '-', '-', '-', '-', '-'],
    ['CANCELLED', '-', '-', '-', '-', '-', '-', '-'],
  ])('continues from %s', (status, ...next) => {
    const order = orderIn(status);

    const reached = FACTS.map((fact) => follow(order, fact));

    expect(reached.map((after) => (after === order ? '-' : after.status))).toEqual(next);
  });

  it.each(['out_of_stock', 'expired', 'timeout'] as const)('is REJECTED with the reason %s', (reason) => {
    expect(follow(placedOrder, reason)).toEqual({ ...placedOrder, status: 'REJECTED', reason });
  });

  it('commits its reserved stock, and has no step once that is committed', () => {
    const reserved = follow(placedOrder, 'reserved');

    expect(reserved).toEqual({ ...placedOrder, status: 'RESERVED', step: 'commit' });
    expect(follow(reserved, 'committed')).toEqual({ ...placedOrder, status: 'CONFIRMED' });
  });

  it.each<[step: OrderStep, of: OrderState]>([
    ['cancel', cancel(placedOrder)],
    ['time-out', timeOut(placedOrder)],
  ])('keeps the open step %s when its stock is reserved', (step, order) => {
    expect(follow(order, 'reserved')).toEqual({ ...placedOrder, status: 'RESERVED', step });
  });

  it('continues a cancellation although its stock was committed meanwhile', () => {
    const cancelled = cancel(follow(placedOrder, 'reserved'));

    const committed = follow(cancelled, 'committed');

    expect(committed).toEqual({ ...placedOrder, status: 'CONFIRMED', step: 'cancel' });
    expect(follow(committed, 'cancelled')).toEqual({ ...placedOrder, status: 'CANCELLED' });
  });
});

describe('an order with missing units', () => {
  const shortOrder = partlyReserved(placedOrder);

  it('requests its final price before it is RESERVED, and then commits its stock', () => {
    expect(shortOrder).toEqual({ ...placedOrder, step: 'price' });
    expect(follow(shortOrder, 'reserved')).toBe(shortOrder);
    expect(priced(shortOrder)).toEqual({ ...placedOrder, status: 'RESERVED', step: 'commit' });
  });

  it.each(['expired', 'cancelled', 'timeout'] as const)('is not priced after it is %s', (fact) => {
    const over = follow(shortOrder, fact);

    expect(priced(over)).toBe(over);
    expect(partlyReserved(over)).toBe(over);
  });

  it('is not priced while another step is open', () => {
    for (const order of [cancel(shortOrder), cancel(placedOrder), timeOut(placedOrder)]) {
      expect(partlyReserved(order)).toBe(order);
      expect(priced(order)).toBe(order);
    }
  });
});

describe('an order of a basket', () => {
  const ofBasket: OrderState = { ...placedOrder, basket: 'anna' };

  it.each(['out_of_stock', 'expired', 'timeout'] as const)('puts its lines back into the basket when it is rejected: %s', (reason) => {
    const rejected = follow(ofBasket, reason);

    expect(rejected).toEqual({ ...ofBasket, status: 'REJECTED', reason, step: 'restore' });
    expect(restored(rejected)).toEqual({ ...rejected, step: null });
    expect(follow(restored(rejected), reason)).toEqual({ ...rejected, step: null });
  });

  it('puts no lines back after a cancellation or a fulfilment', () => {
    expect(follow(ofBasket, 'cancelled').step).toBeNull();
    expect(follow(ofBasket, 'fulfilled').step).toBeNull();
  });
});

describe('an order at risk', () => {
  it('is marked by product until good units cover it or it ends', () => {
    const confirmed = orderIn('CONFIRMED');
    const both = markedAtRisk(markedAtRisk(confirmed, 'tea', true), 'fish', true);

    expect(both.atRisk).toEqual(['fish', 'tea']);
    expect(markedAtRisk(both, 'tea', true)).toBe(both);
    expect(markedAtRisk(markedAtRisk(both, 'fish', false), 'tea', false)).toEqual(confirmed);
    expect(follow(both, 'fulfilled').atRisk).toEqual([]);
    expect(follow(both, 'cancelled').atRisk).toEqual([]);
  });

  it('is not marked after its end', () => {
    const fulfilled = orderIn('FULFILLED');

    expect(markedAtRisk(fulfilled, 'tea', true)).toBe(fulfilled);
  });
});

describe('an order with a request', () => {
  it.each<[status: OrderStatus, cancelled: string, fulfilled: string]>([
    ['PENDING', 'cancel', 'order.not_fulfillable'],
    ['RESERVED', 'cancel', 'order.not_fulfillable'],
    ['CONFIRMED', 'cancel', 'fulfil'],
    ['FULFILLED', 'order.not_cancellable', 'already'],
    ['REJECTED', 'order.not_cancellable', 'order.not_fulfillable'],
    ['CANCELLED', 'already', 'order.not_fulfillable'],
  ])('%s: cancelling it is %s, fulfilling it is %s', (status, cancelled, fulfilled) => {
    expect([outcomeOf(cancel, orderIn(status)), outcomeOf(fulfil, orderIn(status))]).toEqual([cancelled, fulfilled]);
  });

  it('is either fulfilled or cancelled', () => {
    const confirmed = orderIn('CONFIRMED');

    expect(outcomeOf(cancel, fulfil(confirmed))).toBe('order.not_cancellable');
    expect(outcomeOf(fulfil, cancel(confirmed))).toBe('order.not_fulfillable');
  });

  it('times out only while no fact has come', () => {
    expect(timeOut(placedOrder).step).toBe('time-out');
    for (const order of [cancel(placedOrder), orderIn('RESERVED'), orderIn('CONFIRMED'), orderIn('REJECTED')]) {
      expect(timeOut(order)).toBe(order);
    }
  });
});

describe('an answer of the market', () => {
  it.each([
    ['reserved', undefined, 'reserved'],
    ['committed', undefined, 'committed'],
    ['fulfilled', undefined, 'fulfilled'],
    ['released', 'cancelled', 'cancelled'],
    ['released', 'timeout', 'timeout'],
    ['released', 'expired', 'expired'],
    ['rejected', 'out_of_stock', 'out_of_stock'],
    ['rejected', 'expired', 'expired'],
    ['rejected', 'released', undefined],
  ] as const)('%s (%s) says %s', (standing, reason, fact) => {
    expect(factOf({ standing, ...(reason ? { reason } : {}) })).toBe(fact);
  });
});

function orderIn(status: OrderStatus): OrderState {
  const order: OrderState = { ...placedOrder, status, reason: status === 'REJECTED' ? 'expired' : null };
  return status === 'RESERVED' ? { ...order, step: 'commit' } : order;
}

function outcomeOf(ask: (order: OrderState) => OrderState, order: OrderState): string {
  try {
    const after = ask(order);
    return after === order ? 'already' : String(after.step);
  } catch (failure) {
    expect(isFinal(order) || order.step !== null || order.status !== 'CONFIRMED').toBe(true);
    return (failure as { code: string }).code;
  }
}

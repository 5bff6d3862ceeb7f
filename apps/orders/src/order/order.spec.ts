import type { OrderStatus } from '@aisle/contracts';
import {
  cancel, factOf, follow, fulfil, isFinal, timeOut, type OrderState, type OrderStep, type StockFact,
} from './order.ts';

const placedOrder: OrderState = { status: 'PENDING', reason: null, step: null };
const FACTS: readonly StockFact[] = [
  'reserved', 'committed', 'fulfilled', 'cancelled', 'out_of_stock', 'expired', 'timeout',
];

describe('an order that follows its stock', () => {
  it.each<[status: OrderStatus, ...next: (OrderStatus | '-')[]]>([
    // reserved, committed, fulfilled, cancelled, out_of_stock, expired, timeout
    ['PENDING', 'RESERVED', 'CONFIRMED', 'FULFILLED', 'CANCELLED', 'REJECTED', 'REJECTED', 'REJECTED'],
    ['RESERVED', '-', 'CONFIRMED', 'FULFILLED', 'CANCELLED', 'REJECTED', 'REJECTED', 'REJECTED'],
    ['CONFIRMED', '-', '-', 'FULFILLED', 'CANCELLED', '-', '-', '-'],
    ['FULFILLED', '-', '-', '-', '-', '-', '-', '-'],
    ['REJECTED', '-', '-', '-', '-', '-', '-', '-'],
    ['CANCELLED', '-', '-', '-', '-', '-', '-', '-'],
  ])('goes on from %s', (status, ...next) => {
    const order = orderIn(status);

    const reached = FACTS.map((fact) => follow(order, fact));

    expect(reached.map((after) => (after === order ? '-' : after.status))).toEqual(next);
  });

  it.each(['out_of_stock', 'expired', 'timeout'] as const)('is REJECTED with the reason %s', (reason) => {
    expect(follow(placedOrder, reason)).toEqual({ status: 'REJECTED', reason, step: null });
  });

  it('asks the market to keep what it has reserved, and is done with that once it is committed', () => {
    const reserved = follow(placedOrder, 'reserved');

    expect(reserved).toEqual({ status: 'RESERVED', reason: null, step: 'commit' });
    expect(follow(reserved, 'committed')).toEqual({ status: 'CONFIRMED', reason: null, step: null });
  });

  it.each<[step: OrderStep, of: OrderState]>([
    ['cancel', cancel(placedOrder)],
    ['time-out', timeOut(placedOrder)],
  ])('does not ask for what is on its way back: %s goes on', (step, order) => {
    expect(follow(order, 'reserved')).toEqual({ status: 'RESERVED', reason: null, step });
  });

  it('goes on giving back what was committed meanwhile', () => {
    const cancelled = cancel(follow(placedOrder, 'reserved'));

    const committed = follow(cancelled, 'committed');

    expect(committed).toEqual({ status: 'CONFIRMED', reason: null, step: 'cancel' });
    expect(follow(committed, 'cancelled')).toEqual({ status: 'CANCELLED', reason: null, step: null });
  });
});

describe('an order that is asked for something', () => {
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

  it('is either handed out or given back', () => {
    const confirmed = orderIn('CONFIRMED');

    expect(outcomeOf(cancel, fulfil(confirmed))).toBe('order.not_cancellable');
    expect(outcomeOf(fulfil, cancel(confirmed))).toBe('order.not_fulfillable');
  });

  it('times out only while nobody has said anything', () => {
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
  const order: OrderState = { status, reason: status === 'REJECTED' ? 'expired' : null, step: null };
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

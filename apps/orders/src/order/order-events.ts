import { TOPICS } from '@aisle/contracts';
import type { OutboxEvent } from '@aisle/events';
import { assert } from '@aisle/std';
import type { StoredOrder } from '../reading/stored-order.ts';
import type { StandingOrder } from './change-set.ts';

/** The principal who asked for an order's status: for an end that people ask for; empty for any other status. */
export function askerOf({ status, stepBy }: Pick<StandingOrder, 'status' | 'stepBy'>): string {
  return status === 'CANCELLED' || status === 'FULFILLED' ? stepBy : '';
}

/**
 * The integration events of an order's new status. `OrderConfirmed` contains the final price; the others report the end of the
 * order. `stored` is required for a confirmed order.
 */
export function integrationEventsOf(order: StandingOrder, stored: StoredOrder | undefined): OutboxEvent[] {
  const { tenant, id, market, traceparent, status, reason, missing } = order;
  const about = { topic: TOPICS.orders, tenant, key: id, traceparent, by: askerOf(order) };
  const data = { orderId: id, market };
  switch (status) {
    case 'CONFIRMED': {
      assert(stored, 'a confirmed order is stored');
      const { basket, price: { lines, adjustments, total, taxes, degraded } } = stored;
      const taxed = taxes ? { taxes } : {};
      const price = { lines: [...lines], adjustments: [...adjustments], total, ...taxed, ...(degraded ? { degraded } : {}) };
      return [{ ...about, type: 'OrderConfirmed', data: { ...data, ...(basket === null ? {} : { basket }), ...price } }];
    }
    case 'REJECTED':
      assert(reason !== null, 'a rejected order has a reason');
      return [{ ...about, type: 'OrderRejected', data: { ...data, reason, missing: [...(missing ?? [])] } }];
    case 'CANCELLED':
      return [{ ...about, type: 'OrderCancelled', data }];
    case 'FULFILLED':
      return [{ ...about, type: 'OrderFulfilled', data }];
    case 'PENDING':
    case 'RESERVED':
      return [];
  }
}

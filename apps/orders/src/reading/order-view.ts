import type { Order, OrderList, OrderStatus } from '@aisle/contracts';
import type { OrderPrice } from '../pricing/order-price.ts';
import type { OrderHistoryRow } from '../rows/order-history.row.ts';
import type { OrderRow } from '../rows/order.row.ts';
import type { StoredOrder } from './stored-order.ts';

const COURSE: readonly OrderStatus[] = ['PENDING', 'RESERVED', 'CONFIRMED', 'FULFILLED', 'REJECTED', 'CANCELLED'];

/** The entry of an order in a list, from its own row. */
export function summaryView({ totalMinor, currency, degraded, ...order }: OrderRow): OrderList['items'][number] {
  return summary(order, { total: { amount: Number(totalMinor), currency }, degraded });
}

/** The document of an order. */
export function orderView(order: StoredOrder, history: readonly OrderHistoryRow[]): Order {
  const { price, missing, opening } = order;
  return {
    ...summary(order, price),
    lines: [...price.lines],
    adjustments: [...price.adjustments],
    ...(price.taxes ? { taxes: price.taxes } : {}),
    ...(opening === null ? {} : { opening }),
    ...(missing === null ? {} : { missing: [...missing] }),
    history: historyView(history),
  };
}

/** The document of the order when it was placed. A retry gets it as the answer. */
export function asPlacedView({ ordered, ...order }: StoredOrder, history: readonly OrderHistoryRow[]): Order {
  const placed: StoredOrder = {
    ...order, status: 'PENDING', reason: null, atRisk: [], missing: null, price: ordered ?? order.price, ordered: null,
  };
  return orderView(placed, history.filter(({ status }) => status === 'PENDING'));
}

function summary(
  { id, market, basket, status, reason, atRisk, createdAt }: Pick<
    StoredOrder, 'id' | 'market' | 'basket' | 'status' | 'reason' | 'atRisk' | 'createdAt'
  >,
  { total, degraded }: Pick<OrderPrice, 'total' | 'degraded'>,
): OrderList['items'][number] {
  return {
    id, market, ...(basket === null ? {} : { basket }), status, ...(reason === null ? {} : { reason }), total,
    ...(degraded ? { degraded } : {}), ...(atRisk.length > 0 ? { atRisk: true } : {}), createdAt: createdAt.toISOString(),
  };
}

/** The history, oldest first. Entries of the same millisecond are in the only possible order of their statuses. */
function historyView(history: readonly OrderHistoryRow[]): Order['history'] {
  return [...history]
    .sort((one, other) => COURSE.indexOf(one.status) - COURSE.indexOf(other.status))
    .map(({ at, status, reason, by }) => ({
      at: at.toISOString(), status, ...(reason === null ? {} : { reason }), ...(by === '' ? {} : { by }),
    }));
}

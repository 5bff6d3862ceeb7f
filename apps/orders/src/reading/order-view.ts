import type { Money, Order, OrderList, OrderStatus } from '@aisle/contracts';
import type { OrderHistoryRow } from '../rows/order-history.row.ts';
import type { OrderLineRow } from '../rows/order-line.row.ts';
import type { OrderRow } from '../rows/order.row.ts';

const COURSE: readonly OrderStatus[] = ['PENDING', 'RESERVED', 'CONFIRMED', 'FULFILLED', 'REJECTED', 'CANCELLED'];

/** An order's own row, as lists show it. */
export function summaryView(order: OrderRow): OrderList['items'][number] {
  const { id, market, basket, status, reason, currency, totalMinor, createdAt } = order;
  return {
    id,
    market,
    ...(basket === null ? {} : { basket }),
    status,
    ...(reason === null ? {} : { reason }),
    total: money(totalMinor, currency),
    createdAt: createdAt.toISOString(),
  };
}

/** The whole document of an order. */
export function orderView(order: OrderRow, lines: readonly OrderLineRow[], history: readonly OrderHistoryRow[]): Order {
  const missing = lines.filter((line) => line.missing > 0).map(({ sku, missing: quantity }) => ({ sku, quantity }));
  return {
    ...summaryView(order),
    lines: lines.map(({ sku, quantity, unitPriceMinor, netMinor }) => ({
      sku, quantity, unitPrice: money(unitPriceMinor, order.currency), net: money(netMinor, order.currency),
    })),
    ...(missing.length === 0 ? {} : { missing }),
    history: historyView(history),
  };
}

/** Oldest first; what came to be in one millisecond, as it can only have come. */
function historyView(history: readonly OrderHistoryRow[]): Order['history'] {
  return [...history]
    .sort((one, other) => COURSE.indexOf(one.status) - COURSE.indexOf(other.status))
    .map(({ at, status, reason }) => ({ at: at.toISOString(), status, ...(reason === null ? {} : { reason }) }));
}

/** The document as it was when the order had just been placed: what a retry is answered. */
export function asPlaced({ missing: _missing, reason: _reason, ...order }: Order): Order {
  return { ...order, status: 'PENDING', history: order.history.slice(0, 1) };
}

function money(amount: string, currency: string): Money {
  return { amount: Number(amount), currency };
}

// An order's states, by the facts that its market reports (`TRANSITIONS` below):
//
//             reserved              committed               fulfilled
//   PENDING ────────────▶ RESERVED ────────────▶ CONFIRMED ────────────▶ FULFILLED
//     │ │ └─ part ─▶ price ─▲ │ │                    │
//     │ │   (step)            │ │                    │
//     │ └─────────────────────┤ └────────────────────┤
//     │                       │                      │ cancelled
//     │  out_of_stock,        │                      ▼
//     └─ expired, timeout ────┴──▶ REJECTED      CANCELLED
//
// A fact may skip states: `committed` takes PENDING to CONFIRMED, and `fulfilled` takes any open state to FULFILLED.
// Only a CONFIRMED order is safe from expiry and timeout. FULFILLED, REJECTED and CANCELLED are final.
//
// A step is an open question to another app: commit, time-out, cancel and fulfil to the market, price and restore to the
// baskets. It is stored in the order's row before it is asked, and repeated until it is answered. The market decides, not
// the order, so repeated or late facts do no harm (ADR 15, ADR 21).
import type { OrderReason, OrderStatus, StockReply } from '@aisle/contracts';
import { OrderFailure } from './order-failures.ts';

/**
 * A request to another app for an order, stored in the order's row until it is answered. `price` requests the price of the
 * delivered units, and `restore` puts the lines back into the basket. The market answers the others.
 */
export type OrderStep = 'price' | 'commit' | 'time-out' | 'cancel' | 'fulfil' | 'restore';
/** Steps that the market answers. */
export type StockStep = Exclude<OrderStep, 'price' | 'restore'>;

/** The state of an order's life. */
export interface OrderState {
  readonly status: OrderStatus;
  /** The reason of a rejection; null unless REJECTED. */
  readonly reason: OrderReason | null;
  readonly step: OrderStep | null;
  /** The basket that was checked out; null for an order without one. */
  readonly basket: string | null;
  /** SKUs of promised products whose good units no longer cover the order. */
  readonly atRisk: readonly string[];
}

/**
 * A fact about an order's stock, from its market. The market alone decides, one order after another, and never reverts a
 * decision. So the most advanced fact is valid, and facts may arrive in any order and repeatedly.
 */
export type StockFact = 'reserved' | 'committed' | 'fulfilled' | 'cancelled' | OrderReason;

type Row = Readonly<Partial<Record<StockFact, OrderStatus>>>;

const ends = {
  fulfilled: 'FULFILLED', cancelled: 'CANCELLED', out_of_stock: 'REJECTED', expired: 'REJECTED', timeout: 'REJECTED',
} as const satisfies Row;

/** The next status by status and fact. A fact without an entry changes nothing. */
const TRANSITIONS: Readonly<Record<OrderStatus, Row>> = {
  PENDING: { reserved: 'RESERVED', committed: 'CONFIRMED', ...ends },
  RESERVED: { committed: 'CONFIRMED', ...ends },
  // Committed stock neither expires nor times out.
  CONFIRMED: { fulfilled: 'FULFILLED', cancelled: 'CANCELLED' },
  FULFILLED: {},
  REJECTED: {},
  CANCELLED: {},
};

const REASONS: ReadonlySet<StockFact> = new Set<OrderReason>(['out_of_stock', 'expired', 'timeout']);
/** Steps that are obsolete once the order is CONFIRMED. */
const DONE_BY_CONFIRMED: ReadonlySet<OrderStep | null> = new Set<OrderStep>(['price', 'commit', 'time-out']);

/** The order after a fact; the same object if the fact changes nothing. */
export function follow(order: OrderState, fact: StockFact): OrderState {
  const status = TRANSITIONS[order.status][fact];
  // An order whose final price is requested becomes RESERVED by that price, and not by a fact about its stock.
  if (status === undefined || (fact === 'reserved' && order.step === 'price')) return order;
  const reason = REASONS.has(fact) ? (fact as OrderReason) : null;
  if (isFinal({ status })) return ended({ ...order, status, reason });
  const kept = status === 'CONFIRMED' && DONE_BY_CONFIRMED.has(order.step) ? null : order.step;
  // Reserved stock is committed next, unless another step is open, such as a cancellation.
  return { ...order, status, reason, step: status === 'RESERVED' ? (kept ?? 'commit') : kept };
}

/** The final state: no step remains, except to put the lines of a rejected order back into its basket. */
function ended(order: OrderState): OrderState {
  return { ...order, atRisk: [], step: order.status === 'REJECTED' && order.basket !== null ? 'restore' : null };
}

/**
 * Requests the price of the delivered part, since only a part of the stock is reserved. No-op unless the order is PENDING
 * without a step.
 */
export function partlyReserved(order: OrderState): OrderState {
  return order.status === 'PENDING' && order.step === null ? { ...order, step: 'price' } : order;
}

/** Records that the final price is known, and goes on to the commit. No-op unless the order waits for the price. */
export function priced(order: OrderState): OrderState {
  return order.step === 'price' ? { ...order, status: 'RESERVED', step: 'commit' } : order;
}

/** Ends the step `restore`: the basket has the lines, or has refused them for good. */
export function restored(order: OrderState): OrderState {
  return order.step === 'restore' ? { ...order, step: null } : order;
}

/** Marks a product of the order as at risk, or as covered again. No-op for a final order. */
export function markedAtRisk(order: OrderState, sku: string, isAtRisk: boolean): OrderState {
  if (isFinal(order) || order.atRisk.includes(sku) === isAtRisk) return order;
  return { ...order, atRisk: isAtRisk ? [...order.atRisk, sku].sort() : order.atRisk.filter((one) => one !== sku) };
}

/** Times the order out, because no fact about its stock has come. No-op unless the order is PENDING without a step. */
export function timeOut(order: OrderState): OrderState {
  return order.status === 'PENDING' && order.step === null ? { ...order, step: 'time-out' } : order;
}

/** Requests the cancellation. The market decides if another step came first. Throws `OrderFailure.notCancellable`. */
export function cancel(order: OrderState): OrderState {
  if (order.status === 'CANCELLED') return order;
  if (isFinal(order) || order.step === 'fulfil') throw OrderFailure.notCancellable(order);
  return { ...order, step: 'cancel' };
}

/** Requests the fulfilment. Throws `OrderFailure.notFulfillable` unless the order is CONFIRMED and no cancellation is open. */
export function fulfil(order: OrderState): OrderState {
  if (order.status === 'FULFILLED') return order;
  if (order.status !== 'CONFIRMED' || order.step === 'cancel') throw OrderFailure.notFulfillable(order);
  return { ...order, step: 'fulfil' };
}

/** Ends a fulfilment that the market refused; the order stays CONFIRMED. */
export function giveUpFulfilling(order: OrderState): OrderState {
  return order.step === 'fulfil' ? { ...order, step: null } : order;
}

export function isFinal({ status }: Pick<OrderState, 'status'>): boolean {
  return Object.keys(TRANSITIONS[status]).length === 0;
}

/**
 * The fact in a market's answer. Undefined for stock that was released before it was reserved, since that answer has no
 * reason; the request that released it gets the reason.
 */
export function factOf({ standing, reason }: StockReply): StockFact | undefined {
  if (standing !== 'released' && standing !== 'rejected') return standing;
  return reason === 'released' ? undefined : reason;
}

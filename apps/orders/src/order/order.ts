import type { OrderReason, OrderStatus, StockReply } from '@aisle/contracts';
import { OrderNotCancellable, OrderNotFulfillable } from './order-failures.ts';

/** What is being asked of the market for an order until the market has answered; it survives in the order's row. */
export type OrderStep = 'commit' | 'time-out' | 'cancel' | 'fulfil';

/** An order as far as its life goes. */
export interface OrderState {
  readonly status: OrderStatus;
  /** Of a REJECTED one. */
  readonly reason: OrderReason | null;
  readonly step: OrderStep | null;
}

/**
 * What the market says of an order's stock. The market alone decides, one order after another, and never takes
 * anything back: so whichever fact is furthest is the truth, and it does not matter in which order, or how often,
 * facts arrive.
 */
export type StockFact = 'reserved' | 'committed' | 'fulfilled' | 'cancelled' | OrderReason;

type Row = Readonly<Partial<Record<StockFact, OrderStatus>>>;

const ends = {
  fulfilled: 'FULFILLED', cancelled: 'CANCELLED', out_of_stock: 'REJECTED', expired: 'REJECTED', timeout: 'REJECTED',
} as const satisfies Row;

/** Status by fact; what is not here changes nothing. */
const TRANSITIONS: Readonly<Record<OrderStatus, Row>> = {
  PENDING: { reserved: 'RESERVED', committed: 'CONFIRMED', ...ends },
  RESERVED: { committed: 'CONFIRMED', ...ends },
  // What is committed neither expires nor times out.
  CONFIRMED: { fulfilled: 'FULFILLED', cancelled: 'CANCELLED' },
  FULFILLED: {},
  REJECTED: {},
  CANCELLED: {},
};

const REASONS: ReadonlySet<StockFact> = new Set<OrderReason>(['out_of_stock', 'expired', 'timeout']);
/** Steps that a status leaves nothing to do for. */
const DONE_BY: Readonly<Record<OrderStatus, readonly OrderStep[]>> = {
  PENDING: [],
  RESERVED: [],
  CONFIRMED: ['commit', 'time-out'],
  FULFILLED: ['commit', 'time-out', 'cancel', 'fulfil'],
  REJECTED: ['commit', 'time-out', 'cancel', 'fulfil'],
  CANCELLED: ['commit', 'time-out', 'cancel', 'fulfil'],
};

/** The order once `fact` is known; the same object when that changes nothing. */
export function follow(order: OrderState, fact: StockFact): OrderState {
  const status = TRANSITIONS[order.status][fact];
  if (status === undefined) return order;
  const kept = order.step !== null && DONE_BY[status].includes(order.step) ? null : order.step;
  return {
    status,
    reason: REASONS.has(fact) ? (fact as OrderReason) : null,
    // Stock that is held for a while wants to be had for good, unless it is already on its way back.
    step: status === 'RESERVED' ? (kept ?? 'commit') : kept,
  };
}

/** Nobody has said for too long whether there is stock: then there is none. No-op once somebody has. */
export function timeOut(order: OrderState): OrderState {
  return order.status === 'PENDING' && order.step === null ? { ...order, step: 'time-out' } : order;
}

/** Gives the stock back; whatever else is under way, the market decides which came first. Throws `OrderNotCancellable`. */
export function cancel(order: OrderState): OrderState {
  if (order.status === 'CANCELLED') return order;
  if (isFinal(order) || order.step === 'fulfil') throw new OrderNotCancellable(order);
  return { ...order, step: 'cancel' };
}

/** Hands the goods out. Throws `OrderNotFulfillable` unless the order is CONFIRMED and stays so. */
export function fulfil(order: OrderState): OrderState {
  if (order.status === 'FULFILLED') return order;
  if (order.status !== 'CONFIRMED' || order.step === 'cancel') throw new OrderNotFulfillable(order);
  return { ...order, step: 'fulfil' };
}

/** The goods cannot be handed out after all, and the order stays CONFIRMED. */
export function giveUpFulfilling(order: OrderState): OrderState {
  return order.step === 'fulfil' ? { ...order, step: null } : order;
}

export function isFinal({ status }: OrderState): boolean {
  return Object.keys(TRANSITIONS[status]).length === 0;
}

/**
 * What the market's answer says. Undefined for stock that was released before it was reserved, and by whom is not
 * said: whoever released it gets the answer that says so.
 */
export function factOf({ standing, reason }: StockReply): StockFact | undefined {
  if (standing !== 'released' && standing !== 'rejected') return standing;
  return reason === 'released' ? undefined : reason;
}

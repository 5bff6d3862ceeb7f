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
 * What is being asked of another app for an order until that has answered; it survives in the order's row. `price` asks what
 * the units cost that are delivered, `restore` gives the lines back to the basket; the others ask the market.
 */
export type OrderStep = 'price' | 'commit' | 'time-out' | 'cancel' | 'fulfil' | 'restore';
/** Steps that the market answers. */
export type StockStep = Exclude<OrderStep, 'price' | 'restore'>;

/** An order as far as its life goes. */
export interface OrderState {
  readonly status: OrderStatus;
  /** Of a REJECTED one. */
  readonly reason: OrderReason | null;
  readonly step: OrderStep | null;
  /** The basket that was checked out; null for an order without one. */
  readonly basket: string | null;
  /** Products that it was promised, and of which good units do not cover it any more. */
  readonly atRisk: readonly string[];
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
/** Steps that CONFIRMED leaves nothing to do for. */
const DONE_BY_CONFIRMED: ReadonlySet<OrderStep | null> = new Set<OrderStep>(['price', 'commit', 'time-out']);

/** The order once `fact` is known; the same object when that changes nothing. */
export function follow(order: OrderState, fact: StockFact): OrderState {
  const status = TRANSITIONS[order.status][fact];
  // While its final price is being asked for, it is not RESERVED, whatever is said of its stock.
  if (status === undefined || (fact === 'reserved' && order.step === 'price')) return order;
  const reason = REASONS.has(fact) ? (fact as OrderReason) : null;
  if (isFinal({ status })) return ended({ ...order, status, reason });
  const kept = status === 'CONFIRMED' && DONE_BY_CONFIRMED.has(order.step) ? null : order.step;
  // Stock that is held for a while wants to be had for good, unless it is already on its way back.
  return { ...order, status, reason, step: status === 'RESERVED' ? (kept ?? 'commit') : kept };
}

/** Nobody asks for anything more, but that the basket of a rejected order gets its lines back. */
function ended(order: OrderState): OrderState {
  return { ...order, atRisk: [], step: order.status === 'REJECTED' && order.basket !== null ? 'restore' : null };
}

/** Its stock is reserved, but not all of it: what is delivered has to be priced first. No-op once that is done or it is on its way back. */
export function short(order: OrderState): OrderState {
  return order.status === 'PENDING' && order.step === null ? { ...order, step: 'price' } : order;
}

/** What is delivered has its final price. No-op when nobody waits for that any more. */
export function priced(order: OrderState): OrderState {
  return order.step === 'price' ? { ...order, status: 'RESERVED', step: 'commit' } : order;
}

/** The basket has its lines back, or never will. */
export function restored(order: OrderState): OrderState {
  return order.step === 'restore' ? { ...order, step: null } : order;
}

/** Good units of a product do not cover the order any more, or do again. No-op for an order that has ended. */
export function marked(order: OrderState, sku: string, isAtRisk: boolean): OrderState {
  if (isFinal(order) || order.atRisk.includes(sku) === isAtRisk) return order;
  return { ...order, atRisk: isAtRisk ? [...order.atRisk, sku].sort() : order.atRisk.filter((one) => one !== sku) };
}

/** Nobody has said for too long whether there is stock: then there is none. No-op once somebody has. */
export function timeOut(order: OrderState): OrderState {
  return order.status === 'PENDING' && order.step === null ? { ...order, step: 'time-out' } : order;
}

/** Gives the stock back; whatever else is under way, the market decides which came first. Throws `OrderFailure.notCancellable`. */
export function cancel(order: OrderState): OrderState {
  if (order.status === 'CANCELLED') return order;
  if (isFinal(order) || order.step === 'fulfil') throw OrderFailure.notCancellable(order);
  return { ...order, step: 'cancel' };
}

/** Hands the goods out. Throws `OrderFailure.notFulfillable` unless the order is CONFIRMED and stays so. */
export function fulfil(order: OrderState): OrderState {
  if (order.status === 'FULFILLED') return order;
  if (order.status !== 'CONFIRMED' || order.step === 'cancel') throw OrderFailure.notFulfillable(order);
  return { ...order, step: 'fulfil' };
}

/** The goods cannot be handed out after all, and the order stays CONFIRMED. */
export function giveUpFulfilling(order: OrderState): OrderState {
  return order.step === 'fulfil' ? { ...order, step: null } : order;
}

export function isFinal({ status }: Pick<OrderState, 'status'>): boolean {
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

// The stock of an order in a market, pure: none → reserved → committed → fulfilled; or released; or rejected. An order
// passes each state at most once. A repeated request is answered by the present state.
import type {
  ReleaseStock, ReserveReply, ReserveStock, StockLine, StockRefusal, StockReply,
} from '@aisle/contracts';
import { availableOf, taken, withoutUnpromised, type Moved, type Product } from '../product/product.ts';
import { PRODUCT_DELETED, type MovementKind } from './adjustment.ts';
import { StockFailure } from './stock-failures.ts';

/** The stock of an order. */
export interface OrderStock {
  readonly id: string;
  readonly standing: StockReply['standing'];
  /** Why it was rejected or released. */
  readonly reason: StockRefusal | ReleaseStock['reason'] | null;
  /** The promised units, one line per product; empty if nothing was reserved. */
  readonly lines: readonly StockLine[];
  /** The requested units that the order did not get. */
  readonly missing: readonly StockLine[];
  /** The time at which uncommitted stock is released, in milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** The SKUs in `lines` whose good units do not cover this promise; see `assessed`. */
  readonly atRisk?: readonly string[];
}

/** The instant and the date of a decision. */
export interface Now {
  readonly nowMs: number;
  /** UTC, ISO 8601. */
  readonly today: string;
}

/** A transition of an order's stock: the order's new state, and the changed products. */
export interface StockTransition {
  readonly order: OrderStock;
  readonly products: readonly Product[];
  /** The units that left, by product, in order. */
  readonly moved: readonly TransitionMoved[];
}

/** Units that a transition takes off the books. */
export interface TransitionMoved extends Moved {
  readonly sku: string;
  readonly kind: Extract<MovementKind, 'fulfilled' | 'written_off'>;
  readonly reason: string | null;
}

type Find = (sku: string) => Product | undefined;

/** Whether units are held for the order. */
export function holdsStock({ standing }: OrderStock): boolean {
  return standing === 'reserved' || standing === 'committed';
}

/** Reserves stock for a new order, or rejects it. The order gets all units or none, unless it allows a part. */
export function reserved(request: ReserveStock, find: Find, { nowMs, today }: Now): StockTransition {
  const { orderId: id, allowPartial } = request;
  const expiresAtMs = Date.parse(request.expiresAt);
  const wanted = summed(request.lines);
  const rejected = (reason: StockRefusal, missing: readonly StockLine[]): StockTransition => ({
    order: { id, standing: 'rejected', reason, lines: [], missing, expiresAtMs }, products: [], moved: [],
  });
  if (expiresAtMs <= nowMs) return rejected('expired', wanted);

  const lines: StockLine[] = [];
  const missing: StockLine[] = [];
  const products: Product[] = [];
  for (const { sku, quantity } of wanted) {
    const product = find(sku);
    const given = product ? Math.min(quantity, availableOf(product, today)) : 0;
    if (given < quantity) missing.push({ sku, quantity: quantity - given });
    if (given === 0 || !product) continue;
    lines.push({ sku, quantity: given });
    products.push({ ...product, reserved: product.reserved + given });
  }
  if (lines.length === 0 || (missing.length > 0 && !allowPartial)) return rejected('out_of_stock', missing);
  return { order: { id, standing: 'reserved', reason: null, lines, missing, expiresAtMs }, products, moved: [] };
}

/** The answer to `stock.reserve`, and to every repetition of it. */
export function reserveReply({ standing, reason, lines, missing }: OrderStock): ReserveReply {
  if (lines.length > 0) return { outcome: 'reserved', lines, missing };
  const refusal = standing === 'rejected' ? (reason as StockRefusal) : 'released';
  return { outcome: 'rejected', reason: refusal, missing };
}

/** The answer to `stock.commit`, `stock.release` and `stock.fulfil`. */
export function stockReply({ standing, reason }: OrderStock): StockReply {
  return { standing, ...(reason === null ? {} : { reason }) };
}

/**
 * Commits reserved stock, or releases it if the reservation has ended: only this function decides between the two. Undefined
 * if nothing changes. Throws `StockFailure.orderUnknown`.
 */
export function committed(order: OrderStock | undefined, orderId: string, find: Find, now: Now): StockTransition | undefined {
  if (!order) throw StockFailure.orderUnknown(orderId);
  if (order.standing !== 'reserved') return undefined;
  return expired(order, find, now) ?? { order: { ...order, standing: 'committed' }, products: [], moved: [] };
}

/** Releases reserved stock whose time is over. Undefined if it is not over, or the stock is not just reserved. */
export function expired(order: OrderStock, find: Find, { nowMs }: Pick<Now, 'nowMs'>): StockTransition | undefined {
  if (order.standing !== 'reserved' || nowMs < order.expiresAtMs) return undefined;
  return givenBack(order, 'expired', find);
}

/**
 * Releases an order's stock. For an unknown order it records the release, so that a later `reserve` is rejected. A time-out
 * after the commit is too late. Undefined if nothing changes.
 */
export function released(order: OrderStock | undefined, { orderId, reason }: ReleaseStock, find: Find): StockTransition | undefined {
  if (!order) {
    const tombstone = { id: orderId, standing: 'released', reason, lines: [], missing: [], expiresAtMs: 0 } as const;
    return { order: tombstone, products: [], moved: [] };
  }
  const isLate = reason === 'timeout' && order.standing === 'committed';
  return holdsStock(order) && !isLate ? givenBack(order, reason, find) : undefined;
}

/**
 * Hands the units out, first expired first out. Undefined if nothing changes. Throws `StockFailure.orderUnknown`, and `StockFailure.expired` if
 * too few good units are left; the order then stays committed.
 */
export function fulfilled(order: OrderStock | undefined, orderId: string, find: Find, { today }: Now): StockTransition | undefined {
  if (!order) throw StockFailure.orderUnknown(orderId);
  if (order.standing !== 'committed') return undefined;
  const moved: TransitionMoved[] = [];
  const products = order.lines.map(({ sku, quantity }) => {
    const product = find(sku) as Product;
    const out = taken(product, quantity, { of: 'good', today }, (good) => StockFailure.expired(sku, quantity, good));
    moved.push(...out.moved.map((one) => ({ sku, ...one, kind: 'fulfilled' as const, reason: null })));
    return { ...out.product, reserved: product.reserved - quantity };
  });
  return { order: closed(order, 'fulfilled'), products, moved };
}

function givenBack(order: OrderStock, reason: NonNullable<OrderStock['reason']>, find: Find): StockTransition {
  const moved: TransitionMoved[] = [];
  const products = order.lines.map(({ sku, quantity }) => {
    // A product with promised units stays in the books, even if it was deleted.
    const product = find(sku) as Product;
    const released = { ...product, reserved: product.reserved - quantity };
    if (!product.details.deleted) return released;
    const out = withoutUnpromised(released);
    moved.push(...out.moved.map((one) => ({ sku, ...one, kind: 'written_off' as const, reason: PRODUCT_DELETED })));
    return out.product;
  });
  return { order: { ...closed(order, 'released'), reason }, products, moved };
}

/** The order in its final state, which carries no risk. */
function closed({ atRisk: _atRisk, ...order }: OrderStock, standing: 'fulfilled' | 'released'): OrderStock {
  return { ...order, standing };
}

/** The lines summed per product, in the order of the first line of each. */
function summed(lines: readonly StockLine[]): StockLine[] {
  const bySku = new Map<string, number>();
  for (const { sku, quantity } of lines) bySku.set(sku, (bySku.get(sku) ?? 0) + quantity);
  return [...bySku].map(([sku, quantity]) => ({ sku, quantity }));
}

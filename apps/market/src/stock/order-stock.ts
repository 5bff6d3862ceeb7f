// What an order has of a market's stock, pure: none → reserved → committed → fulfilled, or released, or rejected. Each
// order goes one way through it, once: whatever is asked again is answered by how it stands.
import type {
  ReleaseStock, ReserveReply, ReserveStock, StockLine, StockRefusal, StockReply,
} from '@aisle/contracts';
import { availableOf, taken, withoutUnpromised, type Moved, type Product } from '../product/product.ts';
import { PRODUCT_DELETED, type MovementKind } from './adjustment.ts';
import { StockFailure } from './stock-failures.ts';

/** An order's stock, as it stands. */
export interface OrderStock {
  readonly id: string;
  readonly standing: StockReply['standing'];
  /** Why it was rejected or released. */
  readonly reason: StockRefusal | ReleaseStock['reason'] | null;
  /** What it was given, summed per product; none for an order that never got any. */
  readonly lines: readonly StockLine[];
  /** What it asked for and did not get. */
  readonly missing: readonly StockLine[];
  /** Uncommitted by then, the stock goes back. Milliseconds since 1970. */
  readonly expiresAtMs: number;
  /** Products of `lines` of which good units do not cover this promise; see `promisesAtRisk`. */
  readonly atRisk?: readonly string[];
}

/** The day and the instant at which something is decided. */
export interface Now {
  readonly nowMs: number;
  /** UTC, ISO 8601. */
  readonly today: string;
}

/** What a step does: the order as it stands then, and the products of which something changed. */
export interface Step {
  readonly order: OrderStock;
  readonly products: readonly Product[];
  /** Units that left, by product, in the order in which they did. */
  readonly moved: readonly StepMoved[];
}

/** Units that a step of an order takes off the books. */
export interface StepMoved extends Moved {
  readonly sku: string;
  readonly kind: Extract<MovementKind, 'fulfilled' | 'written_off'>;
  readonly reason: string | null;
}

type Find = (sku: string) => Product | undefined;

/** True while units are held for the order. */
export function holdsStock({ standing }: OrderStock): boolean {
  return standing === 'reserved' || standing === 'committed';
}

/** Decides about an order that has no standing yet. All or nothing, unless it takes what there is. */
export function reserved(request: ReserveStock, find: Find, { nowMs, today }: Now): Step {
  const { orderId: id, allowPartial } = request;
  const expiresAtMs = Date.parse(request.expiresAt);
  const wanted = summed(request.lines);
  const rejected = (reason: StockRefusal, missing: readonly StockLine[]): Step => ({
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

/** What `stock.reserve` answers, the first time and ever after. */
export function reserveReply({ standing, reason, lines, missing }: OrderStock): ReserveReply {
  if (lines.length > 0) return { outcome: 'reserved', lines, missing };
  const refusal = standing === 'rejected' ? (reason as StockRefusal) : 'released';
  return { outcome: 'rejected', reason: refusal, missing };
}

/** What the other messages answer. */
export function stockReply({ standing, reason }: OrderStock): StockReply {
  return { standing, ...(reason === null ? {} : { reason }) };
}

/** The one place that decides between expiry and confirmation. Undefined when nothing changes. */
export function committed(order: OrderStock | undefined, orderId: string, find: Find, now: Now): Step | undefined {
  if (!order) throw StockFailure.orderUnknown(orderId);
  if (order.standing !== 'reserved') return undefined;
  return expired(order, find, now) ?? { order: { ...order, standing: 'committed' }, products: [], moved: [] };
}

/** Gives the stock back when the order's time is over. Undefined while it is not, or nothing is held uncommitted. */
export function expired(order: OrderStock, find: Find, { nowMs }: Pick<Now, 'nowMs'>): Step | undefined {
  if (order.standing !== 'reserved' || nowMs < order.expiresAtMs) return undefined;
  return givenBack(order, 'expired', find);
}

/**
 * Gives the stock back. Of an order that nobody reserved for, it says that nobody will. A timeout that comes after the commit
 * is too late. Undefined when nothing changes.
 */
export function released(order: OrderStock | undefined, { orderId, reason }: ReleaseStock, find: Find): Step | undefined {
  if (!order) {
    const tombstone = { id: orderId, standing: 'released', reason, lines: [], missing: [], expiresAtMs: 0 } as const;
    return { order: tombstone, products: [], moved: [] };
  }
  const isLate = reason === 'timeout' && order.standing === 'committed';
  return holdsStock(order) && !isLate ? givenBack(order, reason, find) : undefined;
}

/**
 * The units leave, first expired first out. Undefined when nothing changes. Throws `StockFailure.expired` when too many of those
 * that are left have expired: the order stays committed.
 */
export function fulfilled(order: OrderStock | undefined, orderId: string, find: Find, { today }: Now): Step | undefined {
  if (!order) throw StockFailure.orderUnknown(orderId);
  if (order.standing !== 'committed') return undefined;
  const moved: StepMoved[] = [];
  const products = order.lines.map(({ sku, quantity }) => {
    const product = find(sku) as Product;
    const out = taken(product, quantity, { of: 'good', today }, (good) => StockFailure.expired(sku, quantity, good));
    moved.push(...out.moved.map((one) => ({ sku, ...one, kind: 'fulfilled' as const, reason: null })));
    return { ...out.product, reserved: product.reserved - quantity };
  });
  return { order: closed(order, 'fulfilled'), products, moved };
}

function givenBack(order: OrderStock, reason: NonNullable<OrderStock['reason']>, find: Find): Step {
  const moved: StepMoved[] = [];
  const products = order.lines.map(({ sku, quantity }) => {
    // What an order was given is never forgotten: a deleted product stays in the books.
    const product = find(sku) as Product;
    const released = { ...product, reserved: product.reserved - quantity };
    if (!product.details.deleted) return released;
    const out = withoutUnpromised(released);
    moved.push(...out.moved.map((one) => ({ sku, ...one, kind: 'written_off' as const, reason: PRODUCT_DELETED })));
    return out.product;
  });
  return { order: { ...closed(order, 'released'), reason }, products, moved };
}

/** The order as it stands for good; it was promised nothing any more. */
function closed({ atRisk: _atRisk, ...order }: OrderStock, standing: 'fulfilled' | 'released'): OrderStock {
  return { ...order, standing };
}

/** One line a product, in the order in which the products came. */
function summed(lines: readonly StockLine[]): StockLine[] {
  const bySku = new Map<string, number>();
  for (const { sku, quantity } of lines) bySku.set(sku, (bySku.get(sku) ?? 0) + quantity);
  return [...bySku].map(([sku, quantity]) => ({ sku, quantity }));
}

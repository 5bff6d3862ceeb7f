// A market in memory: an immutable value. A change copies little of it, however large the market is.
import { PersistentMap } from '@aisle/std';
import { codeKeysOf } from '../product/product-facts.ts';
import type { Product } from '../product/product.ts';
import { holdsStock, type OrderStock } from '../stock/order-stock.ts';
import type { LotEntry, MarketEvent, OrderEntry, StockEntry } from './market-event.ts';
import type { Settings } from './settings.ts';

/** The state of a market. */
export interface Market {
  /** Undefined until the market is created. */
  readonly settings: Settings | undefined;
  /** Grows by one with each event; rows and integration events carry it. */
  readonly revision: number;
  readonly products: PersistentMap<Product>;
  /** The keys of `products` in order, deleted products included. */
  readonly skus: readonly string[];
  /** The SKUs of products that are sold, by the keys of their codes. */
  readonly codes: PersistentMap<string>;
  readonly orders: Orders;
}

/**
 * The orders in memory: those that hold stock, and those that were closed lately. Closed orders have two generations; when the
 * younger one is full, the older one is forgotten. An order that is not in memory must be read from its row. The row is valid
 * if it was read at revision `forgottenAt` or later, since it then shows every order that was forgotten.
 */
export interface Orders {
  readonly open: PersistentMap<OrderStock>;
  readonly closed: PersistentMap<OrderStock>;
  readonly closedBefore: PersistentMap<OrderStock>;
  /** The revision at which the older generation became complete. */
  readonly completeAt: number;
  /** The revision up to which closed orders may be missing; 0 if none is missing. */
  readonly forgottenAt: number;
}

/** The number of closed orders in a generation; each takes some 300 bytes. */
export const CLOSED_MAX = 16_384;

export const emptyOrders: Orders = {
  open: PersistentMap.empty(),
  closed: PersistentMap.empty(),
  closedBefore: PersistentMap.empty(),
  completeAt: 0,
  forgottenAt: 0,
};

export const emptyMarket: Market = {
  settings: undefined, revision: 0, products: PersistentMap.empty(), skus: [], codes: PersistentMap.empty(), orders: emptyOrders,
};

/** The order, if it is in memory. */
export function orderOf({ orders: { open, closed, closedBefore } }: Market, id: string): OrderStock | undefined {
  return open.get(id) ?? closed.get(id) ?? closedBefore.get(id);
}

/** The market after an event, whose entries replace the present states. */
export function evolve(market: Market, event: MarketEvent): Market {
  const { revision } = event;
  let { products, codes, orders } = market;
  const added: string[] = [];
  for (const entry of event.products ?? []) {
    if (products.get(entry.sku) === undefined) added.push(entry.sku);
    const product = productFrom(entry, entry.lots);
    codes = withCodes(codes, products.get(entry.sku), product);
    products = products.set(entry.sku, product);
  }
  for (const entry of event.stock ?? []) {
    const before = products.get(entry[0]) as Product;
    products = products.set(entry[0], restocked(before, entry));
  }
  for (const entry of event.orders ?? []) orders = withOrder(orders, orderFrom(entry), revision);
  const settings = event.market ? settingsFrom(event.market) : market.settings;
  return { settings, revision, products, skus: withSkus(market.skus, added), codes, orders };
}

/** The SKUs with new ones, in order. Their arrays are large, so most events return the same one. */
function withSkus(skus: readonly string[], added: readonly string[]): readonly string[] {
  const [first] = added;
  if (first === undefined) return skus;
  return added.length === 1 ? skus.toSpliced(placeAfter(skus, first), 0, first) : [...skus, ...added].sort();
}

/** The place of the first SKU above `sku`. */
export function placeAfter(skus: readonly string[], sku: string): number {
  let [low, high] = [0, skus.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (skus[middle]! > sku) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The codes after a change of a product. A code may move from one product to another within an event, so only its own are removed. */
export function withCodes(codes: PersistentMap<string>, before: Product | undefined, { sku, details }: Product): PersistentMap<string> {
  let after = codes;
  for (const key of before ? codeKeysOf(before.details) : []) if (after.get(key) === sku) after = after.delete(key);
  for (const key of codeKeysOf(details)) after = after.set(key, sku);
  return after;
}

/** The orders with a new state of one order, which it reached at `revision`. */
export function withOrder(orders: Orders, order: OrderStock, revision: number, closedMax = CLOSED_MAX): Orders {
  if (holdsStock(order)) return { ...orders, open: orders.open.set(order.id, order) };
  const open = orders.open.delete(order.id);
  const closed = orders.closed.set(order.id, order);
  if (closed.size < closedMax) return { ...orders, open, closed };
  return {
    open,
    closed: PersistentMap.empty(),
    closedBefore: closed,
    completeAt: revision,
    forgottenAt: orders.completeAt,
  };
}

function settingsFrom({ tenant: _tenant, id: _id, ...settings }: NonNullable<MarketEvent['market']>): Settings {
  return settings;
}

function productFrom(
  { sku, version, name, description, category, priceMinor, deleted, facts, onHand, reserved }: NonNullable<MarketEvent['products']>[number],
  lots: readonly LotEntry[],
): Product {
  const details = { name, description, category, priceMinor, deleted, ...(facts ? { facts } : {}) };
  return { sku, version, details, onHand, reserved, lots: lots.map(lotFrom) };
}

function restocked(before: Product, [, version, onHand, reserved, lots]: StockEntry): Product {
  return { ...before, version, onHand, reserved, lots: lots ? lots.map(lotFrom) : before.lots };
}

function lotFrom([lot, expiresOn, quantity, warned, lapsed]: LotEntry): Product['lots'][number] {
  return { lot, expiresOn, quantity, warned: warned === 1, ...(lapsed === 1 ? { lapsed: true } : {}) };
}

function orderFrom({ lines, missing, ...order }: OrderEntry): OrderStock {
  const line = ([sku, quantity]: readonly [string, number]): { sku: string; quantity: number } => ({ sku, quantity });
  return { ...order, lines: lines.map(line), missing: missing.map(line) };
}

// A market as it is in memory: an immutable value, of which a change copies little however large it is.
import { PersistentMap } from '@aisle/std';
import type { Product } from '../product/product.ts';
import { holdsStock, type OrderStock } from '../stock/order-stock.ts';
import type { LotEntry, MarketEvent, OrderEntry, StockEntry } from './market-event.ts';
import type { Settings } from './settings.ts';

export interface Market {
  /** None while nobody has made the market. */
  readonly settings: Settings | undefined;
  /** Grows by one with each event; rows and integration events carry it. */
  readonly revision: number;
  readonly products: PersistentMap<Product>;
  readonly orders: Orders;
}

/**
 * The orders that are in memory: those that hold stock, and those closed lately, in two generations: when the younger is full
 * the older is forgotten. Whoever asks for an order that is not here may need its row, and that row is true if it
 * was read at `forgottenAt` or later: nothing has been forgotten since that it does not show.
 */
export interface Orders {
  readonly open: PersistentMap<OrderStock>;
  readonly closed: PersistentMap<OrderStock>;
  readonly closedBefore: PersistentMap<OrderStock>;
  /** The revision at which the older generation was complete. */
  readonly completeAt: number;
  /** The revision up to which closed orders may be missing; 0 when none is. */
  readonly forgottenAt: number;
}

/** Closed orders of a generation: some 300 bytes each. */
export const CLOSED_MAX = 16_384;

export const emptyOrders: Orders = {
  open: PersistentMap.empty(),
  closed: PersistentMap.empty(),
  closedBefore: PersistentMap.empty(),
  completeAt: 0,
  forgottenAt: 0,
};

export const emptyMarket: Market = {
  settings: undefined, revision: 0, products: PersistentMap.empty(), orders: emptyOrders,
};

/** The order, if it is in memory. */
export function orderOf({ orders: { open, closed, closedBefore } }: Market, id: string): OrderStock | undefined {
  return open.get(id) ?? closed.get(id) ?? closedBefore.get(id);
}

/** The market after an event: events carry what is, not what changed. */
export function evolve(market: Market, event: MarketEvent): Market {
  const { revision } = event;
  let { products, orders } = market;
  for (const entry of event.products ?? []) products = products.set(entry.sku, productFrom(entry, entry.lots));
  for (const entry of event.stock ?? []) {
    const before = products.get(entry[0]) as Product;
    products = products.set(entry[0], restocked(before, entry));
  }
  for (const entry of event.orders ?? []) orders = withOrder(orders, orderFrom(entry), revision);
  const settings = event.market ? settingsFrom(event.market) : market.settings;
  return { settings, revision, products, orders };
}

/** Takes an order in, at the revision at which it came to stand so. */
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

function settingsFrom({ currency, rounding, lowStock, nearExpiryDays, version }: NonNullable<MarketEvent['market']>): Settings {
  return { currency, rounding, lowStock, nearExpiryDays, version };
}

function productFrom(
  { sku, version, name, description, category, priceMinor, deleted, onHand, reserved }: NonNullable<MarketEvent['products']>[number],
  lots: readonly LotEntry[],
): Product {
  const details = { name, description, category, priceMinor, deleted };
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

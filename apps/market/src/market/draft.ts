import { codeKeysOf } from '../product/product-facts.ts';
import { ProductFailure } from '../product/product-failures.ts';
import { availableOf, stepsOfUnit, uncoveredOf, type Details, type Moved, type Product } from '../product/product.ts';
import type { MovementKind } from '../stock/adjustment.ts';
import type { Now, OrderStock, StockTransition, TransitionMoved } from '../stock/order-stock.ts';
import { assessed, type RiskChange } from '../stock/promises-at-risk.ts';
import {
  orderEntry, productEntry, type MarketEvent, type MovementEntry, type ProductEntry, type Signal, type StockEntry,
} from './market-event.ts';
import type { Market } from './market.ts';
import type { Settings } from './settings.ts';

/** The market, the time, the principal and the trace of an action. */
export interface Occasion {
  readonly tenant: string;
  readonly market: string;
  readonly now: Now;
  /** The name of the principal whose action it is; empty for the system's own. */
  readonly by: string;
  readonly traceparent: string;
}

/** An event is one message on the backbone. This limit keeps it below the size limit of every backbone. */
const ORDERS_PER_SIGNAL = 1_000;

/** A value while it is being built. */
type Written<T> = { -readonly [K in keyof T]: T[K] };

/** The changes of one command to a market, collected until they become one event. */
export class Draft {
  settings: Settings | undefined;
  private readonly products = new Map<string, Product>();
  /** The SKUs of codes that this draft gives away or takes. */
  private readonly codes = new Map<string, string | undefined>();
  private readonly orders = new Map<string, OrderStock>();
  private readonly movements: MovementEntry[] = [];
  private readonly signals: Signal[] = [];

  constructor(
    private readonly before: Market,
    private readonly occasion: Occasion,
  ) {
    this.settings = before.settings;
  }

  /** The product with the changes of this draft. */
  readonly find = (sku: string): Product | undefined => this.products.get(sku) ?? this.before.products.get(sku);

  /** The business day of the command. */
  get today(): string {
    return this.occasion.now.today;
  }

  put(product: Product): void {
    const before = this.find(product.sku);
    this.products.set(product.sku, product);
    if (before?.details === product.details) return;
    if (before) for (const key of codeKeysOf(before.details)) this.codes.set(key, undefined);
    for (const key of codeKeysOf(product.details)) this.codes.set(key, product.sku);
  }

  /** Refuses codes that another product has. Throws `ProductFailure.codeTaken`. */
  requireCodes(sku: string, details: Details): void {
    for (const key of codeKeysOf(details)) {
      const owner = this.codes.has(key) ? this.codes.get(key) : this.before.codes.get(key);
      if (owner !== undefined && owner !== sku) throw ProductFailure.codeTaken(sku, key.slice(key.indexOf(':') + 1), owner);
    }
  }

  /** The number of products that this draft creates. */
  get newProducts(): number {
    let count = 0;
    for (const sku of this.products.keys()) if (!this.before.products.get(sku)) count += 1;
    return count;
  }

  /** Puts a product whose stock moved, and records the movements. The caller has increased the product's version. */
  move(
    product: Product,
    moved: readonly (Moved & { kind: MovementKind })[],
    { reason, orderId = null }: { reason: string | null; orderId?: string | null },
  ): void {
    const { sku, reserved } = product;
    let onHand = product.onHand - moved.reduce((sum, { delta }) => sum + delta, 0);
    for (const { kind, lot, delta } of moved) {
      onHand += delta;
      this.movements.push({ sku, kind, delta, onHand, reserved, lot, reason, orderId });
    }
    this.put(product);
  }

  /** Applies a transition of an order's stock. */
  apply({ order, products, moved }: StockTransition): void {
    this.orders.set(order.id, order);
    const movedBySku = new Map<string, TransitionMoved[]>();
    for (const one of moved) {
      const before = movedBySku.get(one.sku);
      if (before) before.push(one);
      else movedBySku.set(one.sku, [one]);
    }
    for (const product of products) {
      const out = movedBySku.get(product.sku);
      if (!out) this.put(product);
      else this.move({ ...product, version: product.version + 1 }, out, { reason: out[0]!.reason, orderId: order.id });
    }
  }

  signal(signal: Signal): void {
    this.signals.push(signal);
  }

  /** The event, or undefined if nothing changed. Empty parts are omitted, since every sale writes one. */
  event(): MarketEvent | undefined {
    this.assessPromises();
    const { before, settings, occasion, orders, movements } = this;
    const { tenant, market: id, now, by, traceparent } = occasion;
    const event: Written<MarketEvent> = { revision: before.revision + 1, atMs: now.nowMs };
    const products: ProductEntry[] = [];
    const stock: StockEntry[] = [];
    for (const product of this.products.values()) {
      const present = before.products.get(product.sku);
      if (present === product) continue;
      const entry = productEntry(present, product);
      if ('product' in entry) products.push(entry.product);
      else stock.push(entry.stock);
    }
    if (settings && settings !== before.settings) event.market = { tenant, id, ...settings };
    if (products.length > 0) event.products = products;
    if (stock.length > 0) event.stock = stock;
    if (orders.size > 0) event.orders = [...orders.values()].map(orderEntry);
    if (movements.length > 0) event.movements = movements;
    const signals = [...this.signals, ...this.lowSignals()];
    if (signals.length > 0) event.signals = signals;
    const isPublished = event.market ?? event.products ?? event.movements ?? event.signals;
    if (isPublished && traceparent !== '') event.trace = traceparent;
    if (isPublished && by !== '') event.by = by;
    return isPublished || event.stock || event.orders ? event : undefined;
  }

  /**
   * Marks the orders whose risk changed by this draft. Orders are at risk only while their product has too few good units,
   * and that cannot change without a change of the product. So only changed products are assessed.
   */
  private assessPromises(): void {
    const { before, occasion: { now: { today } } } = this;
    for (const product of this.products.values()) {
      const present = before.products.get(product.sku);
      if (uncoveredOf(product, today) <= 0 && (!present || uncoveredOf(present, today) <= 0)) continue;
      const changes = assessed(product, this.openOrders(), today);
      for (const { order } of changes) this.orders.set(order.id, order);
      this.signalRisk(product.sku, changes.filter(({ atRisk }) => atRisk), true);
      this.signalRisk(product.sku, changes.filter(({ atRisk }) => !atRisk), false);
    }
  }

  private *openOrders(): Generator<OrderStock> {
    const { open } = this.before.orders;
    for (const order of open.values()) yield this.orders.get(order.id) ?? order;
    for (const order of this.orders.values()) if (!open.get(order.id)) yield order;
  }

  private signalRisk(sku: string, changes: readonly RiskChange[], atRisk: boolean): void {
    const { market, now } = this.occasion;
    const at = new Date(now.nowMs).toISOString();
    for (let from = 0; from < changes.length; from += ORDERS_PER_SIGNAL) {
      const orderIds = changes.slice(from, from + ORDERS_PER_SIGNAL).map(({ order }) => order.id);
      this.signal({ type: 'PromisesAtRisk', data: { market, sku, orderIds, atRisk, at } });
    }
  }

  /** Signals of the products that became low by this draft. */
  private lowSignals(): Signal[] {
    const { settings, occasion: { market, now: { today } } } = this;
    const lowStock = settings?.lowStock ?? 0;
    const signals: Signal[] = [];
    for (const product of this.products.values()) {
      const { sku } = product;
      const threshold = lowStock * stepsOfUnit(product);
      const available = availableOf(product, today);
      const before = available > threshold || product.details.deleted ? undefined : this.before.products.get(sku);
      if (!before || availableOf(before, today) <= threshold) continue;
      signals.push({ type: 'StockLow', data: { market, sku, available, threshold } });
    }
    return signals;
  }
}

import { availableOf, type Moved, type Product } from '../product/product.ts';
import type { MovementKind } from '../stock/adjustment.ts';
import type { Now, OrderStock, Step } from '../stock/order-stock.ts';
import { orderEntry, productEntry, type MarketEvent, type MovementEntry, type Signal } from './market-event.ts';
import type { Market } from './market.ts';
import type { Settings } from './settings.ts';

/** Who the market is, and when and under which trace something happens to it. */
export interface Occasion {
  readonly tenant: string;
  readonly market: string;
  readonly now: Now;
  readonly traceparent: string;
}

/** What one command makes of a market, gathered until it is one event. */
export class Draft {
  settings: Settings | undefined;
  private readonly products = new Map<string, Product>();
  private readonly orders: OrderStock[] = [];
  private readonly movements: MovementEntry[] = [];
  private readonly signals: Signal[] = [];

  constructor(
    private readonly before: Market,
    private readonly occasion: Occasion,
  ) {
    this.settings = before.settings;
  }

  /** The product, as it stands in this draft. */
  readonly find = (sku: string): Product | undefined => this.products.get(sku) ?? this.before.products.get(sku);

  put(product: Product): void {
    this.products.set(product.sku, product);
  }

  /** Products that this draft makes. */
  get newProducts(): number {
    let count = 0;
    for (const sku of this.products.keys()) if (!this.before.products.get(sku)) count += 1;
    return count;
  }

  /** Puts a product whose stock moved. What its document shows is another by that. */
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

  /** Takes over what a step of an order does. */
  step({ order, products, moved }: Step): void {
    this.orders.push(order);
    for (const product of products) {
      const out = moved.filter(({ sku }) => sku === product.sku).map((one) => ({ ...one, kind: 'fulfilled' as const }));
      if (out.length === 0) this.put(product);
      else this.move({ ...product, version: product.version + 1 }, out, { reason: null, orderId: order.id });
    }
  }

  signal(signal: Signal): void {
    this.signals.push(signal);
  }

  /** The event; undefined when nothing is another than before. */
  event(): MarketEvent | undefined {
    const { before, settings, occasion, orders, movements } = this;
    const entries = [...this.products.values()]
      .filter((product) => before.products.get(product.sku) !== product)
      .map((product) => productEntry(before.products.get(product.sku), product));
    const isMade = settings !== undefined && settings !== before.settings;
    if (!isMade && entries.length === 0 && orders.length === 0 && this.signals.length === 0) return undefined;
    const signals = [...this.signals, ...this.lowSignals()];
    const products = entries.flatMap((entry) => ('product' in entry ? [entry.product] : []));
    const stock = entries.flatMap((entry) => ('stock' in entry ? [entry.stock] : []));
    const { tenant, market: id, now, traceparent } = occasion;
    const isTold = isMade || products.length + movements.length + signals.length > 0;
    return {
      revision: before.revision + 1,
      atMs: now.nowMs,
      ...(isTold && traceparent !== '' ? { trace: traceparent } : {}),
      ...(isMade ? { market: { tenant, id, ...settings } } : {}),
      ...(products.length > 0 ? { products } : {}),
      ...(stock.length > 0 ? { stock } : {}),
      ...(orders.length > 0 ? { orders: orders.map(orderEntry) } : {}),
      ...(movements.length > 0 ? { movements } : {}),
      ...(signals.length > 0 ? { signals } : {}),
    };
  }

  /** Products that came to be low by this: those that were already are no news. */
  private lowSignals(): Signal[] {
    const { settings, occasion: { market, now: { today } } } = this;
    const threshold = settings?.lowStock ?? 0;
    return [...this.products.values()].flatMap((product): Signal[] => {
      const { sku } = product;
      const before = this.before.products.get(sku);
      if (!before || availableOf(before, today) <= threshold || product.details.deleted) return [];
      const available = availableOf(product, today);
      return available > threshold ? [] : [{ type: 'StockLow', data: { market, sku, available, threshold } }];
    });
  }
}

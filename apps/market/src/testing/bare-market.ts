import type { StockAdjustment } from '@aisle/contracts';
import type { Action, KnownOrder } from '../market/command.ts';
import { marketBehaviour, type MarketOutcome } from '../market/market-behaviour.ts';
import type { MarketEvent, MovementEntry, Signal } from '../market/market-event.ts';
import { emptyMarket, type Market } from '../market/market.ts';
import type { Settings } from '../market/settings.ts';
import type { Product } from '../product/product.ts';
import { StockFailure } from '../stock/stock-failures.ts';

/** 26 November 2026, noon. */
const NOON_MS = Date.UTC(2026, 10, 26, 12);
const DAY_MS = 24 * 60 * 60 * 1_000;

export const defaults: Settings = { currency: 'GBP', rounding: 'half-up', lowStock: 2, nearExpiryDays: 3, version: 1 };

/** A market's rules without process and journal, on a clock that a test sets. */
export class BareMarket {
  state: Market = emptyMarket;
  nowMs = NOON_MS;
  readonly events: MarketEvent[] = [];
  private commands = 0;

  do(action: Action, known?: KnownOrder): MarketOutcome {
    this.commands += 1;
    const occasion = { tenant: 'default', market: 'm1', now: { nowMs: this.nowMs, today: this.today }, by: '', traceparent: '' };
    const { events, outcome } = marketBehaviour.decide(this.state, { id: `c-${this.commands}`, action, occasion, defaults, known });
    for (const event of events) {
      // As the journal keeps it.
      const stored = JSON.parse(JSON.stringify(event)) as MarketEvent;
      this.events.push(stored);
      this.state = marketBehaviour.evolve(this.state, stored);
    }
    return outcome;
  }

  get today(): string {
    return new Date(this.nowMs).toISOString().slice(0, 10);
  }

  pass(days: number): void {
    this.nowMs += days * DAY_MS;
  }

  get movements(): MovementEntry[] {
    return this.events.flatMap(({ movements = [] }) => movements);
  }

  get signals(): string[] {
    return this.events.flatMap(({ signals = [] }) => signals.map(({ type }) => type));
  }

  /** The data of all signals of a type. */
  signalsOf<T extends Signal['type']>(type: T): Extract<Signal, { type: T }>['data'][] {
    return this.events.flatMap(({ signals = [] }) => signals.flatMap((one) => (one.type === type ? [one.data] : []))) as never;
  }

  /** Checks every lot, as the sweep does. */
  age(): void {
    const lots = [...this.state.products.values()].flatMap((one) => one.lots.map(({ lot }) => ({ sku: one.sku, lot })));
    try {
      this.do({ kind: 'age', lots });
    } catch (refusal) {
      if (!StockFailure.nothingDue.is(refusal)) throw refusal;
    }
  }

  product(sku: string): Product {
    return this.state.products.get(sku) as Product;
  }

  /** Creates a product at 1.00, with stock. */
  stock(sku: string, quantity: number, expiresOn: string | null = null): void {
    this.do({ kind: 'create', sku, product: { ...body(sku), quantity, expiresOn } });
  }

  adjust(sku: string, adjustment: Partial<StockAdjustment> & { delta: number }): MarketOutcome {
    return this.do({ kind: 'adjust', sku, adjustment: { reason: 'counted', ...adjustment } });
  }

  /** Reserves and commits an order's stock. */
  promise(orderId: string, quantities: Record<string, number>): void {
    this.reserve(orderId, quantities);
    this.do({ kind: 'commit', order: { orderId } });
  }

  /** Reserves for ten minutes. */
  reserve(orderId: string, quantities: Record<string, number>, allowPartial = false): MarketOutcome {
    const lines = Object.entries(quantities).map(([sku, quantity]) => ({ sku, quantity }));
    const expiresAt = new Date(this.nowMs + 600_000).toISOString();
    return this.do({ kind: 'reserve', order: { orderId, lines, expiresAt, allowPartial } });
  }
}

/** The document of a product at 1.00. */
export function body(name: string): {
  name: string; description: null; category: null; price: { amount: number; currency: string };
} {
  return { name, description: null, category: null, price: { amount: 100, currency: 'GBP' } };
}

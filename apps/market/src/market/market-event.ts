// The stored form of a market's events. An event contains new states, not differences. So both the market in memory and
// the rows in the database are updated by replacement: the latest entry of a product, an order or the market is valid.
// The trigger `market_rows` reads these names.
import type { EventData, ProductFacts, StockLine } from '@aisle/contracts';
import type { Lot, Product } from '../product/product.ts';
import type { MovementKind } from '../stock/adjustment.ts';
import type { OrderStock } from '../stock/order-stock.ts';
import type { Settings } from './settings.ts';

/** A lot. `warned` is 1 if its near expiry was published, and `lapsed` is 1 if its promises were reassessed after its expiry. */
export type LotEntry = readonly [lot: string, expiresOn: string | null, quantity: number, warned: 0 | 1, lapsed?: 0 | 1];

/** The stock of a product whose details are unchanged; `lots` is omitted if they are unchanged as well. */
export type StockEntry = readonly [
  sku: string, version: number, onHand: number, reserved: number, lots?: readonly LotEntry[],
];

type LineEntry = readonly [sku: string, quantity: number];

/** A product whose details changed. */
export interface ProductEntry extends Omit<Product, 'details' | 'lots'> {
  readonly name: string;
  readonly description: string | null;
  readonly category: string | null;
  readonly priceMinor: number;
  readonly deleted: boolean;
  readonly facts?: ProductFacts;
  readonly lots: readonly LotEntry[];
}

/** The stock of an order. */
export interface OrderEntry extends Omit<OrderStock, 'lines' | 'missing'> {
  readonly lines: readonly LineEntry[];
  readonly missing: readonly LineEntry[];
}

/** A movement of units; `onHand` and `reserved` are the product's numbers after it. */
export interface MovementEntry {
  readonly sku: string;
  readonly kind: MovementKind;
  readonly delta: number;
  readonly onHand: number;
  readonly reserved: number;
  readonly lot: string;
  readonly reason: string | null;
  readonly orderId: string | null;
}

/** An integration event that the other parts of an event do not imply: its type and data. */
export type Signal = {
  readonly [T in SignalType]: { readonly type: T; readonly data: EventData<T> };
}[SignalType];
type SignalType = 'ReservationExpired' | 'StockLow' | 'LotNearExpiry' | 'PromisesAtRisk';

/** The effects of one command. */
export interface MarketEvent {
  readonly revision: number;
  readonly atMs: number;
  /** The W3C Trace Context of the command; omitted if the event publishes nothing. */
  readonly trace?: string;
  /** The name of the principal whose command it was; omitted if the event publishes nothing, or if the system caused it. */
  readonly by?: string;
  readonly market?: Settings & { readonly tenant: string; readonly id: string };
  readonly products?: readonly ProductEntry[];
  readonly stock?: readonly StockEntry[];
  readonly orders?: readonly OrderEntry[];
  readonly movements?: readonly MovementEntry[];
  readonly signals?: readonly Signal[];
}

/** The entry of a product, with only its changed parts. */
export function productEntry(before: Product | undefined, after: Product): { product: ProductEntry } | { stock: StockEntry } {
  const { sku, version, onHand, reserved, details, lots } = after;
  if (before?.details !== details) {
    return { product: { sku, version, onHand, reserved, ...details, lots: lots.map(lotEntry) } };
  }
  const counted = [sku, version, onHand, reserved] as const;
  return { stock: before.lots === lots ? counted : [...counted, lots.map(lotEntry)] };
}

export function orderEntry({ lines, missing, ...order }: OrderStock): OrderEntry {
  return { ...order, lines: lines.map(lineEntry), missing: missing.map(lineEntry) };
}

function lotEntry({ lot, expiresOn, quantity, warned, lapsed }: Lot): LotEntry {
  const entry = [lot, expiresOn, quantity, warned ? 1 : 0] as const;
  return lapsed ? [...entry, 1] : entry;
}

function lineEntry({ sku, quantity }: StockLine): LineEntry {
  return [sku, quantity];
}

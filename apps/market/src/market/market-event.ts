// How the journal keeps what happens to a market. An event says what is from then on, so that applying one in memory and
// writing its rows in the database are the same simple thing: the last word on a product, an order or the market is the
// truth. The trigger `market_rows` reads these names.
import type { EventData, StockLine } from '@aisle/contracts';
import type { Lot, Product } from '../product/product.ts';
import type { MovementKind } from '../stock/adjustment.ts';
import type { OrderStock } from '../stock/order-stock.ts';
import type { Settings } from './settings.ts';

/** `[name, its date, units, 1 when it was said that it is near its day, 1 when its promises were looked at past it]`. */
export type LotEntry = readonly [lot: string, expiresOn: string | null, quantity: number, warned: 0 | 1, lapsed?: 0 | 1];

/** What there is of a product that is itself as it was; without lots when these are too. */
export type StockEntry = readonly [
  sku: string, version: number, onHand: number, reserved: number, lots?: readonly LotEntry[],
];

type LineEntry = readonly [sku: string, quantity: number];

/** A product of which what it is, or costs, was changed. */
export interface ProductEntry extends Omit<Product, 'details' | 'lots'> {
  readonly name: string;
  readonly description: string | null;
  readonly category: string | null;
  readonly priceMinor: number;
  readonly deleted: boolean;
  readonly lots: readonly LotEntry[];
}

export interface OrderEntry extends Omit<OrderStock, 'lines' | 'missing'> {
  readonly lines: readonly LineEntry[];
  readonly missing: readonly LineEntry[];
}

/** Units that came or went; `onHand` and `reserved` are those of the product afterwards. */
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

/** What others are told besides: by its type, the data of an integration event. */
export type Signal = {
  readonly [T in SignalType]: { readonly type: T; readonly data: EventData<T> };
}[SignalType];
type SignalType = 'ReservationExpired' | 'StockLow' | 'LotNearExpiry' | 'PromisesAtRisk';

/** One command's doing. */
export interface MarketEvent {
  readonly revision: number;
  readonly atMs: number;
  /** W3C Trace Context of the command; left out where nobody is told of anything. */
  readonly trace?: string;
  readonly market?: Settings & { readonly tenant: string; readonly id: string };
  readonly products?: readonly ProductEntry[];
  readonly stock?: readonly StockEntry[];
  readonly orders?: readonly OrderEntry[];
  readonly movements?: readonly MovementEntry[];
  readonly signals?: readonly Signal[];
}

/** The entry of a product, as much of it as is another than before. */
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

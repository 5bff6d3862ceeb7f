import { createHash } from 'node:crypto';
import type {
  ImportLine, MarketEdit, Precondition, ProductChange, ProductEdit, ReleaseStock, ReserveStock, StockAdjustment,
} from '@aisle/contracts';
import { payloadHash } from '@aisle/journal';
import type { OrderStock } from '../stock/order-stock.ts';
import type { Occasion } from './draft.ts';
import type { Settings } from './settings.ts';

/** What is asked of a market. */
export type Action =
  | Conditional<{ readonly kind: 'configure'; readonly edit: MarketEdit }>
  /** A product that is not there yet. */
  | Conditional<{ readonly kind: 'create'; readonly sku?: string | undefined; readonly product: ProductEdit }>
  /** The whole product, there or not: who replaces one says which version, or any. */
  | Conditional<{ readonly kind: 'replace'; readonly sku: string; readonly product: ProductEdit }>
  | Conditional<{ readonly kind: 'change'; readonly sku: string; readonly change: ProductChange }>
  | Conditional<{ readonly kind: 'delete'; readonly sku: string }>
  | { readonly kind: 'import'; readonly lines: readonly ImportLine[] }
  | Conditional<{ readonly kind: 'adjust'; readonly sku: string; readonly adjustment: StockAdjustment }>
  | { readonly kind: 'reserve'; readonly order: ReserveStock }
  | { readonly kind: 'commit' | 'fulfil'; readonly order: { readonly orderId: string } }
  | { readonly kind: 'release'; readonly order: ReleaseStock }
  /** Time is over for some of these orders. */
  | { readonly kind: 'expire'; readonly orderIds: readonly string[] }
  /** A lot is past its day, or near it. */
  | { readonly kind: 'age'; readonly lots: readonly { readonly sku: string; readonly lot: string }[] };

/** What is done only under its precondition. */
type Conditional<A> = A & Precondition;

/** What an order's row said, and the revision of the market that it was read at. */
export interface Known {
  readonly revision: number;
  readonly order?: OrderStock | undefined;
}

export interface Command {
  readonly id: string;
  readonly action: Action;
  readonly occasion: Occasion;
  /** What a market begins with that its first product makes. */
  readonly defaults: Settings;
  /** Of an order that was not in memory. */
  readonly known?: Known | undefined;
}

/** The order that an action is about, where it is about one. */
export function orderIdOf(action: Action): string | undefined {
  return 'order' in action ? action.order.orderId : undefined;
}

/** By what the same command id with another payload is found out. A precondition is no part of it. */
export function payloadHashOf(action: Action): Uint8Array {
  return payloadHash(JSON.stringify({ ...action, ifMatch: undefined, ifNoneMatch: undefined }));
}

const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** A SKU for a product that came without one: the same for a command that is sent again. */
export function newSku(commandId: string, line = 0): string {
  const bytes = createHash('sha256').update(`${commandId}\0${line}`).digest().subarray(0, 12);
  return `P-${[...bytes].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;
}

import { createHash } from 'node:crypto';
import type {
  ImportLine, MarketEdit, Precondition, ProductChange, ProductEdit, ReleaseStock, ReserveStock, StockAdjustment,
} from '@aisle/contracts';
import { payloadHash } from '@aisle/journal';
import type { OrderStock } from '../stock/order-stock.ts';
import type { Occasion } from './draft.ts';
import type { Settings } from './settings.ts';

/** An action on a market. */
export type Action =
  | Conditional<{ readonly kind: 'configure'; readonly edit: MarketEdit }>
  /** Creates a product that does not exist. */
  | Conditional<{ readonly kind: 'create'; readonly sku?: string | undefined; readonly product: ProductEdit }>
  /** Creates or replaces a whole product. To replace one, the caller must name a version, or any. */
  | Conditional<{ readonly kind: 'replace'; readonly sku: string; readonly product: ProductEdit }>
  | Conditional<{ readonly kind: 'change'; readonly sku: string; readonly change: ProductChange }>
  | Conditional<{ readonly kind: 'delete'; readonly sku: string }>
  | { readonly kind: 'import'; readonly lines: readonly ImportLine[] }
  | Conditional<{ readonly kind: 'adjust'; readonly sku: string; readonly adjustment: StockAdjustment }>
  | { readonly kind: 'reserve'; readonly order: ReserveStock }
  | { readonly kind: 'commit' | 'fulfil'; readonly order: { readonly orderId: string } }
  | { readonly kind: 'release'; readonly order: ReleaseStock }
  /** Releases the reservations of those orders whose time is over. */
  | { readonly kind: 'expire'; readonly orderIds: readonly string[] }
  /** Checks lots that have expired, or are near expiry. */
  | { readonly kind: 'age'; readonly lots: readonly { readonly sku: string; readonly lot: string }[] };

/** An action that has a precondition. */
type Conditional<A> = A & Precondition;

/** An order that was read from its row, and the revision of the market at that read. */
export interface KnownOrder {
  readonly revision: number;
  readonly order?: OrderStock | undefined;
}

/** A command to one market. */
export interface Command {
  readonly id: string;
  readonly action: Action;
  readonly occasion: Occasion;
  /** The settings of a market that is created by its first product. */
  readonly defaults: Settings;
  /** The action's order, if it was not in memory. */
  readonly known?: KnownOrder | undefined;
}

/** The id of an action's order, if the action is about an order. */
export function orderIdOf(action: Action): string | undefined {
  return 'order' in action ? action.order.orderId : undefined;
}

/** The hash that reveals the same command id with another payload. A precondition is not part of the payload. */
export function payloadHashOf(action: Action): Uint8Array {
  return payloadHash(JSON.stringify({ ...action, ifMatch: undefined, ifNoneMatch: undefined }));
}

const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** The SKU of a product that came without one. A repeated command gets the same SKU. */
export function newSku(commandId: string, line = 0): string {
  const bytes = createHash('sha256').update(`${commandId}\0${line}`).digest().subarray(0, 12);
  return `P-${[...bytes].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;
}

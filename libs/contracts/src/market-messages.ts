import type { FailureFacts } from '@aisle/std';
import type { ReadPage } from './consumer-messages.ts';
import type { ImportLine, MarketEdit, ProductChange, ProductEdit, StockAdjustment, StockStanding } from './market.ts';
import type { Precondition } from './precondition.ts';

/**
 * The messages that a market answers beside `STOCK_MESSAGES`; the actor in the header is the market again. `list` is about
 * no market, and takes any.
 */
export const MARKET_MESSAGES = {
  list: 'market.list',
  read: 'market.read',
  configure: 'market.configure',
  products: 'product.list',
  readProduct: 'product.read',
  createProduct: 'product.create',
  replaceProduct: 'product.replace',
  changeProduct: 'product.change',
  deleteProduct: 'product.delete',
  importProducts: 'product.import',
  stock: 'stock.read',
  adjust: 'stock.adjust',
  movements: 'stock.movements',
  alerts: 'stock.alerts',
  reservations: 'stock.reservations',
  /** To the market, from whoever wakes for it: the time of some of these orders is over. */
  expire: 'stock.expire',
  /** The same: some of these lots are near their last day, or past it. */
  age: 'stock.age',
} as const;

/** What comes back for a document: its text, made once where the thing is. */
export interface DocumentReply {
  readonly json: string;
  /** The ETag; 0 for lists. */
  readonly version: number;
  /** This command made it. */
  readonly created?: boolean;
  /** The command was applied before, and this is its answer again. */
  readonly replayed?: boolean;
}

/** What `market.configure` carries. */
export interface ConfigureMarket extends Precondition {
  readonly edit: MarketEdit;
}

/** What `product.list` carries. */
export interface ReadProducts extends ReadPage {
  readonly category?: string | undefined;
}

/** What `product.read` and `stock.read` carry. */
export interface ReadProduct {
  readonly sku: string;
}

/** What `product.create` carries. */
export interface CreateProduct extends Precondition {
  readonly sku?: string;
  readonly product: ProductEdit;
}

/** What `product.replace` carries; without `ifMatch`, only a product that is not there yet is made. */
export interface ReplaceProduct extends Precondition {
  readonly sku: string;
  readonly product: ProductEdit;
}

/** What `product.change` carries. */
export interface ChangeProduct extends Precondition {
  readonly sku: string;
  readonly change: ProductChange;
}

/** What `product.delete` carries. */
export interface DeleteProduct extends Precondition {
  readonly sku: string;
}

/** What `product.import` carries: some lines of an import, each taken or refused by itself. */
export interface ImportProducts {
  readonly lines: readonly ImportLine[];
}

/** The answer to `product.import`. */
export interface ImportReply {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: readonly (FailureFacts & { readonly line: number; readonly sku: string })[];
}

/** What `stock.adjust` carries. */
export interface AdjustStock extends Precondition {
  readonly sku: string;
  readonly adjustment: StockAdjustment;
}

/** What `stock.movements` carries. */
export interface ReadMovements extends ReadPage {
  readonly sku?: string | undefined;
}

/** What `stock.reservations` carries. */
export interface ReadReservations extends ReadPage {
  readonly standing?: StockStanding | undefined;
}

/** What `stock.expire` carries. */
export interface ExpireOrders {
  readonly orderIds: readonly string[];
}

/** What `stock.age` carries. */
export interface AgeLots {
  readonly lots: readonly { readonly sku: string; readonly lot: string }[];
}

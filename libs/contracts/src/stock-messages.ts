/**
 * What an order asks of its market's stock. Each is idempotent by order id, for good: a market keeps for every
 * order none → reserved → committed → fulfilled, or released, and answers a repetition alike.
 */
export const STOCK_MESSAGES = {
  reserve: 'stock.reserve',
  commit: 'stock.commit',
  release: 'stock.release',
  fulfil: 'stock.fulfil',
} as const;

/** A product of an order. Several lines of one product are summed before they are checked. */
export interface StockLine {
  readonly sku: string;
  readonly quantity: number;
}

/** What `stock.reserve` carries. */
export interface ReserveStock {
  readonly orderId: string;
  readonly lines: readonly StockLine[];
  /** ISO 8601; uncommitted by then, the stock goes back. */
  readonly expiresAt: string;
  /** Takes what there is; without it, all or nothing. */
  readonly allowPartial: boolean;
}

/** Why an order gets no stock. `released`: it was let go before it was reserved. */
export type StockRefusal = 'out_of_stock' | 'expired' | 'released';

/** The answer to `stock.reserve`. A refusal is recorded, and final. */
export type ReserveReply =
  | { readonly outcome: 'reserved'; readonly lines: readonly StockLine[]; readonly missing: readonly StockLine[] }
  | { readonly outcome: 'rejected'; readonly reason: StockRefusal; readonly missing: readonly StockLine[] };

/** What `stock.commit`, `stock.release` and `stock.fulfil` carry. */
export interface OrderStock {
  readonly orderId: string;
}

/** What `stock.release` carries: why the stock goes back. A timeout leaves alone what is committed. */
export interface ReleaseStock extends OrderStock {
  readonly reason: 'cancelled' | 'timeout';
}

/**
 * The answer to `stock.commit`, `stock.release` and `stock.fulfil`: how the order stands with the market by now, which
 * says whether it was done. An order that the market does not know is `released` by a release, and stays so.
 */
export interface StockReply {
  readonly standing: 'reserved' | 'committed' | 'fulfilled' | 'released' | 'rejected';
  /** Why it was released or rejected. */
  readonly reason?: StockRefusal | 'cancelled' | 'timeout';
}

import type { Batch, QuoteRequest } from './basket.ts';

/** The message types that basket-server answers; each goes to the shard of its header's key. */
export const BASKET_MESSAGES = {
  open: 'basket.open',
  read: 'basket.read',
  change: 'basket.change',
  journal: 'basket.journal',
  quote: 'basket.quote',
} as const;

/** What `basket.change` carries: every write to a basket is a batch of operations. */
export interface ChangeBasket {
  readonly operations: Batch;
  /** The version that the caller saw; without it, whatever there is is changed. */
  readonly ifMatch?: number;
}

/** What `basket.journal` carries. */
export interface ReadJournal {
  /** Entries of later versions than this one. */
  readonly afterVersion: number;
  readonly limit: number;
}

/** What `basket.quote` carries. */
export type QuoteItems = QuoteRequest;

/**
 * What comes back for a basket or a quote. `json` is the document of `Basket` or `Quote` as text,
 * made once where the basket is, so that no process on the way parses it.
 */
export interface BasketReply {
  readonly json: string;
  readonly version: number;
  /** This command made the basket. */
  readonly created?: boolean;
  /** The command was applied before, and this is its answer again. */
  readonly replayed?: boolean;
}

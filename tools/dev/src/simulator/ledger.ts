import type { MergeMode, Operation } from '@aisle/contracts';

/** A request to a basket under one key. */
export type Deed =
  | { readonly does: 'open' }
  | { readonly does: 'change'; readonly operations: readonly Operation[] }
  | { readonly does: 'merge'; readonly from: string; readonly mode: MergeMode };

/** Its outcome, as far as the shopper knows. */
export type Fate =
  /** Answered 2xx with this version. `written` is false if an existing basket was opened. */
  | { readonly is: 'acknowledged'; readonly version: number; readonly written: boolean }
  /** Answered 4xx at once: it must not have taken effect. */
  | { readonly is: 'refused' }
  /** No answer, or an indefinite one: it took effect once or not at all. */
  | { readonly is: 'doubtful' };

export interface Entry {
  readonly key: string;
  readonly deed: Deed;
  readonly fate: Fate;
}

/** All requests to one basket, in the order of their answers. */
export interface BasketLedger {
  readonly market: string;
  readonly basket: string;
  /** One writer with sequential requests, or many with concurrent ones. */
  readonly writers: 'one' | 'many';
  readonly entries: Entry[];
}

/** The shoppers' records, against which the system is checked. */
export class Ledger {
  private readonly books = new Map<string, BasketLedger>();

  /** The records of a basket, created if missing. */
  of(market: string, basket: string, writers: BasketLedger['writers']): BasketLedger {
    const name = `${market}/${basket}`;
    let book = this.books.get(name);
    if (!book) this.books.set(name, (book = { market, basket, writers, entries: [] }));
    return book;
  }

  get all(): readonly BasketLedger[] {
    return [...this.books.values()];
  }

  count(fate: Fate['is']): number {
    return this.all.reduce((sum, { entries }) => sum + entries.filter(({ fate: { is } }) => is === fate).length, 0);
  }
}

import type { MergeMode, Operation } from '@aisle/contracts';

/** What was asked of a basket under one key. */
export type Deed =
  | { readonly does: 'open' }
  | { readonly does: 'change'; readonly operations: readonly Operation[] }
  | { readonly does: 'merge'; readonly from: string; readonly mode: MergeMode };

/** What became of it, as far as the shopper knows. */
export type Fate =
  /** Answered 2xx with this version. `written` is false when a basket that was there was opened. */
  | { readonly is: 'acknowledged'; readonly version: number; readonly written: boolean }
  /** Answered 4xx at once: it must not have happened. */
  | { readonly is: 'refused' }
  /** No answer, or none that says: it happened once or not at all. */
  | { readonly is: 'doubtful' };

export interface Entry {
  readonly key: string;
  readonly deed: Deed;
  readonly fate: Fate;
}

/** All that was asked of one basket, in the order in which its answers came. */
export interface BasketLedger {
  readonly market: string;
  readonly basket: string;
  /** One writer, who asks for one thing after the other; or many at once. */
  readonly writers: 'one' | 'many';
  readonly entries: Entry[];
}

/** What the shoppers remember, to hold the system to. */
export class Ledger {
  private readonly books = new Map<string, BasketLedger>();

  /** The book of a basket, opened when there is none. */
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

import type { Quote, QuoteRequest } from '@aisle/contracts';
import type { Runtime } from '@aisle/std';
import { quoteView } from '../basket/basket-view.ts';
import { choicesAfter, emptyBasket, evolve } from '../basket/basket.ts';
import { pacedLines } from '../pricing/paced-lines.ts';
import type { Pricer } from '../pricing/pricer.ts';

/** Prices lists of products as a basket would be priced, and keeps nothing. */
export class Quotes {
  constructor(private readonly runtime: Runtime) {}

  /** Throws `ProductFailure.unknown`, or a basket's own failures where it has no room. */
  async quote(pricer: Pricer, items: QuoteRequest['items']): Promise<Quote> {
    const wanted = choicesAfter(emptyBasket, operationsOf(items));
    const lines = await pacedLines(pricer, wanted, this.runtime);
    await pricer.prepare(emptyBasket, wanted, lines);
    const priced = evolve(emptyBasket, pricer.quote(wanted, lines));
    return quoteView(pricer.market.id, pricer.market.currency, priced);
  }
}

/** The adds that fill a basket with such a list. */
export function operationsOf(items: QuoteRequest['items']) {
  return items.map((item) => ({
    op: 'add' as const,
    ...(typeof item === 'string' ? { sku: item, quantity: 1 } : item),
  }));
}

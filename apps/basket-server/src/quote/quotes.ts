import type { Quote, QuoteRequest } from '@aisle/contracts';
import { quoteView } from '../basket/basket-view.ts';
import { emptyBasket, evolve, targetQuantities } from '../basket/basket.ts';
import type { Pricer } from '../pricing/pricer.ts';

/** Prices lists of products as a basket would be priced, and keeps nothing. */
export class Quotes {
  /** Throws `ProductUnknown`, or a basket's own failures where it has no room. */
  quote(pricer: Pricer, items: QuoteRequest['items']): Quote {
    const operations = items.map((item) => ({
      op: 'add' as const,
      ...(typeof item === 'string' ? { sku: item, quantity: 1 } : item),
    }));
    const wanted = targetQuantities(emptyBasket, operations);
    const lines = [...wanted].map(([sku, quantity]) => pricer.line(sku, quantity));
    const priced = evolve(emptyBasket, pricer.change(emptyBasket, wanted, lines));
    return quoteView(pricer.market.id, pricer.market.currency, priced);
  }
}

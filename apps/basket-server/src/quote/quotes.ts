import type { Quote, QuoteRequest } from '@aisle/contracts';
import type { Runtime } from '@aisle/std';
import { quoteView } from '../basket/basket-view.ts';
import { choicesAfter, emptyBasket, evolve } from '../basket/basket.ts';
import { named } from '../basket/named-products.ts';
import { requireUnits } from '../basket/requested-units.ts';
import { pacedLines } from '../pricing/paced-lines.ts';
import type { Pricer } from '../pricing/pricer.ts';

/** Prices lists of products as baskets are priced, and stores nothing. */
export class Quotes {
  constructor(private readonly runtime: Runtime) {}

  /** The document of a list's prices. Throws `ProductFailure.unknown`, `BasketFailure.lineFull` and `BasketFailure.full`. */
  async quote(pricer: Pricer, items: QuoteRequest['items']): Promise<Quote> {
    const operations = operationsOf(items, pricer);
    requireUnits(operations, pricer, (at) => `items.${at}.quantity`);
    const wanted = choicesAfter(emptyBasket, operations, pricer);
    const lines = await pacedLines(pricer, wanted, this.runtime);
    await pricer.prepare(emptyBasket, wanted, lines);
    const priced = evolve(emptyBasket, pricer.quote(wanted, lines));
    return quoteView(pricer.market.id, pricer.market.currency, priced);
  }
}

/** The operations that fill an empty basket with the items. */
export function operationsOf(items: QuoteRequest['items'], pricer: Pick<Pricer, 'scanned'>) {
  return items.map((item, at) => ({
    op: 'add' as const,
    ...(typeof item === 'string' ? { sku: item, quantity: 1 } : named(item, pricer, `items.${at}.sku`)),
  }));
}

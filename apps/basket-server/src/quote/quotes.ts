import type { Quote, QuoteRequest } from '@aisle/contracts';
import type { RuleSet } from '@aisle/pricing';
import type { Clock } from '@aisle/std';
import { quoteView } from '../basket/basket-view.ts';
import { emptyBasket, evolve, targetQuantities } from '../basket/basket.ts';
import { Pricer } from '../basket/pricer.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';

/** Prices lists of products as a basket would be priced, and keeps nothing. */
export class Quotes {
  constructor(
    private readonly prices: { rules: RuleSet; catalogue: Catalogue },
    private readonly clock: Clock,
  ) {}

  /** Throws `MarketUnknown`, `ProductUnknown`, or a basket's own failures where it has no room. */
  quote(place: { tenant: string; market: string }, items: QuoteRequest['items']): Quote {
    const pricer = Pricer.at(place, this.prices, this.clock);
    const operations = items.map((item) => ({
      op: 'add' as const,
      ...(typeof item === 'string' ? { sku: item, quantity: 1 } : item),
    }));
    const change = pricer.change(emptyBasket, targetQuantities(emptyBasket, operations));
    return quoteView(place.market, pricer.market.currency, evolve(emptyBasket, change));
  }
}

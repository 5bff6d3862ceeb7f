// What markets say of themselves, in events or in the seed, before it is a row.
import type { EventData } from '@aisle/contracts';
import type { Rounding } from '@aisle/pricing';

interface Source {
  readonly tenant: string;
  readonly market: string;
  /** The market's own revision, which rises with each change of anything in it; 0 for a seed. */
  readonly sourceRevision: number;
}

export interface MarketSaid extends Source {
  readonly currency: string;
  /** Null until the market itself has said. */
  readonly rounding: Rounding | null;
}

export interface ProductSaid extends Source {
  readonly sku: string;
  readonly name: string;
  readonly category: string | null;
  readonly priceMinor: number;
  readonly deleted: boolean;
}

export type Said = MarketSaid | ProductSaid;

/** What of an event matters here. */
export type MarketEvent =
  | { readonly type: 'MarketChanged'; readonly tenant: string; readonly data: EventData<'MarketChanged'> }
  | { readonly type: 'ProductChanged'; readonly tenant: string; readonly data: EventData<'ProductChanged'> };

/** The last word on each market and each product, in whatever order the events come. */
export function lastSaid(events: readonly MarketEvent[]): { markets: MarketSaid[]; products: ProductSaid[] } {
  const markets = new Map<string, MarketSaid>();
  const products = new Map<string, ProductSaid>();
  for (const { type, tenant, data } of events) {
    const { market, revision: sourceRevision } = data;
    if (type === 'MarketChanged') {
      keepLast(markets, [tenant, market], { tenant, market, sourceRevision, currency: data.currency, rounding: data.rounding });
      continue;
    }
    const { sku, name, category, price, deleted } = data;
    keepLast(products, [tenant, market, sku], {
      tenant, market, sourceRevision, sku, name, category, priceMinor: price.amount, deleted,
    });
    // A product may be heard of before its market: any word of the market itself counts over this one.
    keepLast(markets, [tenant, market], { tenant, market, sourceRevision: 0, currency: price.currency, rounding: null });
  }
  return { markets: [...markets.values()], products: [...products.values()] };
}

function keepLast<T extends Said>(known: Map<string, T>, name: readonly string[], said: T): void {
  const key = JSON.stringify(name);
  const last = known.get(key);
  if (!last || last.sourceRevision < said.sourceRevision) known.set(key, said);
}

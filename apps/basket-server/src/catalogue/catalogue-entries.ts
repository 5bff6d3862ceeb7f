// Entries of the catalogue from events of markets or from the seed, before they are rows.
import type { EventData, MarketTerms, ProductFacts } from '@aisle/contracts';
import type { Rounding } from '@aisle/pricing';

interface Source {
  readonly tenant: string;
  readonly market: string;
  /** The market's own revision, which rises with each change in the market; 0 for the seed. */
  readonly sourceRevision: number;
}

/** A market's part of the catalogue. */
export interface MarketEntry extends Source {
  readonly currency: string;
  /** Null until the market has published its own event. */
  readonly rounding: Rounding | null;
  /** The terms of retail; null if it has none. */
  readonly terms: MarketTerms | null;
}

/** A product's part of the catalogue. */
export interface ProductEntry extends Source {
  readonly sku: string;
  readonly name: string;
  readonly category: string | null;
  readonly priceMinor: number;
  readonly deleted: boolean;
  /** The facts of retail about it; null if it has none. */
  readonly facts: ProductFacts | null;
}

/** An entry of a market or of a product. */
export type CatalogueEntry = MarketEntry | ProductEntry;

/** The parts of a market's event that the catalogue uses. */
export type MarketEvent =
  | { readonly type: 'MarketChanged'; readonly tenant: string; readonly data: EventData<'MarketChanged'> }
  | { readonly type: 'ProductChanged'; readonly tenant: string; readonly data: EventData<'ProductChanged'> };

/** The latest entry of each market and each product, for events in any order. */
export function latestEntries(events: readonly MarketEvent[]): { markets: MarketEntry[]; products: ProductEntry[] } {
  const markets = new Map<string, MarketEntry>();
  const products = new Map<string, ProductEntry>();
  for (const { type, tenant, data } of events) {
    const { market, revision: sourceRevision } = data;
    if (type === 'MarketChanged') {
      keepLast(markets, [tenant, market], { tenant, market, sourceRevision, ...marketPartsOf(data) });
      continue;
    }
    const { market: _market, revision: _revision, sku, name, category, price, deleted, ...facts } = data;
    keepLast(products, [tenant, market, sku], {
      tenant, market, sourceRevision, sku, name, category, priceMinor: price.amount, deleted,
      facts: orNull(facts),
    });
    // A product's event may come before its market's. Revision 0 lets any event of the market itself replace this entry.
    keepLast(markets, [tenant, market], { tenant, market, sourceRevision: 0, currency: price.currency, rounding: null, terms: null });
  }
  return { markets: [...markets.values()], products: [...products.values()] };
}

function marketPartsOf({ market: _market, revision: _revision, currency, rounding, ...terms }: EventData<'MarketChanged'>) {
  return { currency, rounding, terms: orNull(terms) };
}

function orNull<T extends object>(fields: T): T | null {
  return Object.keys(fields).length === 0 ? null : fields;
}

function keepLast<T extends CatalogueEntry>(known: Map<string, T>, name: readonly string[], entry: T): void {
  const key = JSON.stringify(name);
  const last = known.get(key);
  if (!last || last.sourceRevision < entry.sourceRevision) known.set(key, entry);
}

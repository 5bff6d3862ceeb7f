import type { Rounding } from '@aisle/pricing';
import { PersistentMap } from '@aisle/std';

/** What a market sells a product as. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly category?: string;
  readonly unitPriceMinor: number;
}

/** A market and what it sells, at one revision. */
export interface Market {
  readonly id: string;
  /** ISO 4217. */
  readonly currency: string;
  /** How amounts of this market are rounded. */
  readonly rounding: Rounding;
  /** The revision of the catalogue at which anything of this market last changed: it never falls. */
  readonly revision: number;
  readonly products: PersistentMap<Product>;
}

/** What became of a market, or of a product in it, at a revision. */
export type CatalogueChange =
  | {
    readonly tenant: string; readonly market: string; readonly revision: number; readonly currency: string;
    readonly rounding: Rounding;
  }
  | {
    readonly tenant: string; readonly market: string; readonly revision: number; readonly sku: string;
    /** None when it is sold no longer. */
    readonly product: Product | undefined;
  };

type Markets = ReadonlyMap<string, ReadonlyMap<string, Market>>;

/** Every market and its products: an immutable value. A newer one shares with it all that did not change. */
export class Catalogue {
  static readonly empty = new Catalogue(new Map());

  private constructor(private readonly byTenant: Markets) {}

  market(tenant: string, id: string): Market | undefined {
    return this.byTenant.get(tenant)?.get(id);
  }

  /** The catalogue after these changes; a market stands before its products. */
  with(changes: Iterable<CatalogueChange>): Catalogue {
    const byTenant = new Map(this.byTenant);
    const copied = new Set<string>();
    for (const change of changes) {
      const { tenant, market: id } = change;
      const known = byTenant.get(tenant) ?? new Map<string, Market>();
      const markets = copied.has(tenant) ? (known as Map<string, Market>) : new Map(known);
      copied.add(tenant);
      byTenant.set(tenant, markets);
      const market = after(markets.get(id), change);
      if (market) markets.set(id, market);
    }
    return new Catalogue(byTenant);
  }
}

function after(market: Market | undefined, change: CatalogueChange): Market | undefined {
  const revision = Math.max(change.revision, market?.revision ?? 0);
  if ('currency' in change) {
    const { market: id, currency, rounding } = change;
    return { id, currency, rounding, revision, products: market?.products ?? PersistentMap.empty() };
  }
  if (!market) return undefined;
  const { sku, product } = change;
  const { products } = market;
  return { ...market, revision, products: product ? products.set(sku, product) : products.delete(sku) };
}

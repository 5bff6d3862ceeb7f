import { codeKey, type MarketTerms, type ProductFacts } from '@aisle/contracts';
import type { Rounding } from '@aisle/pricing';
import { PersistentMap } from '@aisle/std';

/** A product as a market sells it. */
export interface Product extends ProductFacts {
  readonly sku: string;
  readonly name: string;
  readonly category?: string;
  readonly unitPriceMinor: number;
}

/** A market and its products, at one revision. */
export interface Market {
  readonly id: string;
  /** ISO 4217. */
  readonly currency: string;
  /** The rounding of amounts in this market. */
  readonly rounding: Rounding;
  /** The revision of the catalogue at which the market or one of its products last changed; it never falls. */
  readonly revision: number;
  /** The terms of retail, such as its time zone. */
  readonly terms: MarketTerms;
  readonly products: PersistentMap<Product>;
  /** The SKUs of products by the keys of their codes. */
  readonly codes: PersistentMap<string>;
}

/** A change of a market, or of one of its products, at a revision. */
export type CatalogueChange =
  | {
    readonly tenant: string; readonly market: string; readonly revision: number; readonly currency: string;
    readonly rounding: Rounding;
    readonly terms?: MarketTerms | undefined;
  }
  | {
    readonly tenant: string; readonly market: string; readonly revision: number; readonly sku: string;
    /** Undefined if the product is no longer sold. */
    readonly product: Product | undefined;
  };

type Markets = ReadonlyMap<string, ReadonlyMap<string, Market>>;

/** All markets and their products, as an immutable value. A newer catalogue shares the unchanged parts. */
export class Catalogue {
  static readonly empty = new Catalogue(new Map());

  private constructor(private readonly byTenant: Markets) {}

  market(tenant: string, id: string): Market | undefined {
    return this.byTenant.get(tenant)?.get(id);
  }

  /** The catalogue after these changes. The change that adds a market must precede those of its products. */
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
    const { market: id, currency, rounding, terms = {} } = change;
    const { products, codes } = market ?? { products: PersistentMap.empty<Product>(), codes: PersistentMap.empty<string>() };
    return { id, currency, rounding, terms, revision, products, codes };
  }
  if (!market) return undefined;
  const { sku, product } = change;
  const { products } = market;
  const codes = withCodes(market.codes, sku, products.get(sku)?.codes, product?.codes);
  return { ...market, revision, codes, products: product ? products.set(sku, product) : products.delete(sku) };
}

/** Changes of two products may come in any order, so a code is removed only from the product that has it. */
function withCodes(
  codes: Market['codes'], sku: string, before: ProductFacts['codes'] = [], after: ProductFacts['codes'] = [],
): Market['codes'] {
  let changed = codes;
  for (const key of before.map(codeKey)) if (changed.get(key) === sku) changed = changed.delete(key);
  for (const key of after.map(codeKey)) changed = changed.set(key, sku);
  return changed;
}

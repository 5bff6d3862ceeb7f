/** What a market sells a product as. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly category?: string;
  readonly unitPriceMinor: number;
}

export interface Market {
  readonly id: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly products: ReadonlyMap<string, Product>;
}

/** Every market and its products at one revision; a newer one is a new object. */
export interface Catalogue {
  readonly revision: number;
  market(tenant: string, id: string): Market | undefined;
}

/** A catalogue of `markets`, by the tenant that they belong to. */
export function catalogueOf(
  revision: number,
  markets: ReadonlyMap<string, ReadonlyMap<string, Market>>,
): Catalogue {
  return { revision, market: (tenant, id) => markets.get(tenant)?.get(id) };
}

import type { DataSource } from 'typeorm';
import { catalogueOf, type Catalogue, type Market, type Product } from './catalogue.ts';
import { MarketRow } from './market.row.ts';
import { ProductRow } from './product.row.ts';

const ROWS_PER_INSERT = 1_000;

/** The catalogue's rows. */
export class CatalogueRepository {
  constructor(private readonly database: DataSource) {}

  /** Reads every market with its products. */
  async load(): Promise<Catalogue> {
    const markets = new Map<string, Map<string, Market & { products: Map<string, Product> }>>();
    for (const { tenant, id, currency } of await this.database.getRepository(MarketRow).find()) {
      const ofTenant = markets.get(tenant) ?? new Map();
      markets.set(tenant, ofTenant.set(id, { id, currency, products: new Map() }));
    }
    let revision = 0;
    for (const row of await this.database.getRepository(ProductRow).find()) {
      const { tenant, market, sku, name, category, priceMinor } = row;
      revision = Math.max(revision, Number(row.revision));
      markets.get(tenant)?.get(market)?.products.set(sku, {
        sku,
        name,
        unitPriceMinor: Number(priceMinor),
        ...(category === null ? {} : { category }),
      });
    }
    return catalogueOf(revision, markets);
  }

  /** Idempotent: what is there already stays as it is. Answers how many products are new. */
  async seed(tenant: string, markets: readonly Market[]): Promise<number> {
    await this.database
      .createQueryBuilder()
      .insert()
      .into(MarketRow)
      .values(markets.map(({ id, currency }) => ({ tenant, id, currency })))
      .orIgnore()
      .execute();
    const rows = markets.flatMap((market) =>
      [...market.products.values()].map(({ sku, name, category, unitPriceMinor }) => ({
        tenant,
        market: market.id,
        sku,
        name,
        category: category ?? null,
        priceMinor: String(unitPriceMinor),
      })),
    );
    const before = await this.database.getRepository(ProductRow).count();
    for (let at = 0; at < rows.length; at += ROWS_PER_INSERT) {
      await this.database
        .createQueryBuilder()
        .insert()
        .into(ProductRow)
        .values(rows.slice(at, at + ROWS_PER_INSERT))
        .orIgnore()
        .execute();
    }
    return (await this.database.getRepository(ProductRow).count()) - before;
  }
}

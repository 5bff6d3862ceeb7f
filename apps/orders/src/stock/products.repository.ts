import type { AnyEvent } from '@aisle/events';
import type { DataSource } from 'typeorm';

const UPSERT = `
  INSERT INTO product (tenant, market, sku, name, revision)
  SELECT DISTINCT ON (tenant, market, sku) tenant, market, sku, name, revision
  FROM json_to_recordset($1::json) AS changed (tenant text, market text, sku text, name text, revision bigint)
  ORDER BY tenant, market, sku, revision DESC
  ON CONFLICT (tenant, market, sku) DO UPDATE SET name = excluded.name, revision = excluded.revision
  WHERE product.revision < excluded.revision`;

/** The names of products in their markets. */
export class ProductsRepository {
  constructor(private readonly database: DataSource) {}

  /** Stores the names in events of the topic `markets`. Idempotent by the products' revisions. */
  async onMarketEvents(events: readonly AnyEvent[]): Promise<void> {
    const changed = events.flatMap(({ type, tenant, data }) =>
      type === 'ProductChanged'
        ? [{ tenant, market: data.market, sku: data.sku, name: data.name, revision: data.revision }]
        : [],
    );
    if (changed.length > 0) await this.database.query(UPSERT, [JSON.stringify(changed)]);
  }
}

import { orderKey, type OrderAddress } from '../order/change-set.ts';
import { storedOrder, type RawOrder, type StoredOrder } from './stored-order.ts';

/** A data source or a transaction. */
export interface Queries {
  query<R>(text: string, values: unknown[]): Promise<R>;
}

// A line from before names were recorded gets the product's present name.
const SELECT = `
  SELECT orders.tenant, orders.id, market, basket, opening, status, reason, created_at AS "createdAt", at_risk AS "atRisk", currency,
    total_minor AS total, adjustments, degraded, pricing, missing, ordered, (
      SELECT json_agg(json_build_object(
        'sku', sku, 'category', category, 'quantity', quantity, 'extras', extras, 'facts', facts, 'missing', line.missing,
        'unitPrice', unit_price_minor, 'gross', gross_minor, 'adjustments', line.adjustments, 'net', net_minor, 'share', share_minor,
        'degraded', line.degraded,
        'name', coalesce(line.name, (
          SELECT product.name FROM product
          WHERE (product.tenant, product.market, product.sku) = (line.tenant, line.market, line.sku)), sku)
        ) ORDER BY line.line)
      FROM order_line AS line WHERE line.tenant = orders.tenant AND line.order_id = orders.id
    ) AS lines
  FROM orders JOIN json_to_recordset($1::json) AS wanted (tenant text, id text) USING (tenant, id)`;

/** Reads orders, by `orderKey`, without those that do not exist. */
export async function storedOrders(database: Queries, wanted: readonly OrderAddress[]): Promise<ReadonlyMap<string, StoredOrder>> {
  const distinct = new Map(wanted.map(({ tenant, id }) => [orderKey({ tenant, id }), { tenant, id }]));
  if (distinct.size === 0) return new Map();
  const rows = await database.query<RawOrder[]>(SELECT, [JSON.stringify([...distinct.values()])]);
  return new Map(rows.map((row) => [orderKey(row), storedOrder(row)]));
}

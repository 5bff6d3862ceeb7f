import { TOPICS, extrasOf, type OrderLine } from '@aisle/contracts';
import { insertOutbox } from '@aisle/events';
import type { DataSource, EntityManager } from 'typeorm';
import { orderKey, type OrderAddress } from '../order/change-set.ts';
import { lineAmounts } from '../rows/line-amounts.ts';
import { orderCreated, type PlacedOrder } from './placed-order.ts';

/** The result of placing an order; `mismatch` means that another order has the id. */
export type Placement = 'placed' | 'already-placed' | 'mismatch';

// Sorted by id, so that two processes that place the same orders wait for each other instead of deadlocking.
const INSERT_ORDERS = `
  INSERT INTO orders (tenant, id, market, basket, opening, status, due_at, currency, total_minor, adjustments, degraded, pricing,
    allow_partial, payload_hash, traceparent, created_at)
  SELECT tenant, id, market, basket, opening, 'PENDING', due_at, currency, total_minor, adjustments::json, degraded, pricing,
    allow_partial, payload_hash, traceparent, created_at
  FROM json_to_recordset($1::json) AS placed (
    tenant text, id text, market text, basket text, opening int, due_at timestamptz, currency text, total_minor bigint, adjustments text,
    degraded boolean, pricing json, allow_partial boolean, payload_hash text, traceparent text, created_at timestamptz)
  ORDER BY tenant, id
  ON CONFLICT DO NOTHING
  RETURNING tenant, id`;

const INSERT_PRODUCTS = `
  INSERT INTO product (tenant, market, sku)
  SELECT tenant, market, sku FROM json_to_recordset($1::json) AS ordered (tenant text, market text, sku text)
  ORDER BY tenant, market, sku
  ON CONFLICT DO NOTHING`;

const INSERT_LINES_AND_HISTORY = `
  WITH history AS (
    INSERT INTO order_history (tenant, order_id, status, at, by)
    SELECT tenant, id, 'PENDING', created_at, by
    FROM json_to_recordset($1::json) AS placed (tenant text, id text, created_at timestamptz, by text)
  )
  INSERT INTO order_line (tenant, order_id, line, market, sku, name, category, quantity, extras, facts,
    unit_price_minor, gross_minor, adjustments, net_minor, share_minor, degraded)
  SELECT tenant, order_id, line, market, sku, name, category, quantity, extras::json, facts::json, unit_price_minor, gross_minor,
    adjustments::json, net_minor, share_minor, degraded
  FROM json_to_recordset($2::json) AS ordered (
    tenant text, order_id text, line int, market text, sku text, name text, category text, quantity int,
    extras text, facts text, unit_price_minor bigint, gross_minor bigint, adjustments text, net_minor bigint, share_minor bigint,
    degraded boolean)`;

const PRODUCTS_KNOWN_MAX = 200_000;

interface Inserted {
  readonly fresh: ReadonlySet<string>;
  readonly products: readonly string[];
}

/** Inserts placed orders with their events, any number in one transaction. */
export class PlacingRepository {
  /** Keys of product rows that exist. They are never deleted, so repeated inserts are saved. */
  private readonly productsKnown = new Set<string>();

  constructor(private readonly database: DataSource) {}

  /** Places orders. Idempotent by their ids: existing orders stay unchanged. */
  async placeAll(orders: readonly PlacedOrder[]): Promise<Placement[]> {
    // The first order of an id wins, so that its sender gets `placed`. The map keeps the last of the reversed list.
    const distinct = new Map([...orders].reverse().map((order) => [orderKey(order), order]));
    const { fresh, products } = await this.database.transaction((manager) => this.insert(manager, [...distinct.values()]));
    this.remember(products);
    const present = [...distinct.values()].filter((order) => !fresh.has(orderKey(order)));
    const hashes = await this.hashesOf(present);
    const kept = new Map(present.map((order, index) => [orderKey(order), hashes[index]]));
    const taken = new Set<string>();
    return orders.map((order) => {
      const key = orderKey(order);
      const hash = fresh.has(key) ? distinct.get(key)?.payloadHash : kept.get(key);
      if (hash !== order.payloadHash) return 'mismatch';
      if (!fresh.has(key) || taken.has(key)) return 'already-placed';
      taken.add(key);
      return 'placed';
    });
  }

  /** Inserts orders. Returns the keys of the new orders, and of the inserted products. */
  private async insert(manager: EntityManager, orders: readonly PlacedOrder[]): Promise<Inserted> {
    const rows = await manager.query<OrderAddress[]>(INSERT_ORDERS, [JSON.stringify(orders.map(orderRow))]);
    const fresh = new Set(rows.map(orderKey));
    const placed = orders.filter((order) => fresh.has(orderKey(order)));
    if (placed.length === 0) return { fresh, products: [] };
    const lines = placed.flatMap(lineRows);
    const products = new Map(lines.map(({ tenant, market, sku }) => [`${tenant}\n${market}\n${sku}`, { tenant, market, sku }]));
    for (const key of products.keys()) if (this.productsKnown.has(key)) products.delete(key);
    if (products.size > 0) await manager.query(INSERT_PRODUCTS, [JSON.stringify([...products.values()])]);
    await manager.query(INSERT_LINES_AND_HISTORY, [JSON.stringify(placed.map(historyRow)), JSON.stringify(lines)]);
    await insertOutbox(manager, placed.map((order) => ({
      topic: TOPICS.orders, type: 'OrderCreated' as const, tenant: order.tenant, key: order.id,
      traceparent: order.traceparent, by: order.by, data: orderCreated(order),
    })));
    return { fresh, products: [...products.keys()] };
  }

  /** The `payloadHash` of each order; undefined for an order that does not exist. */
  async hashesOf(orders: readonly OrderAddress[]): Promise<(string | undefined)[]> {
    if (orders.length === 0) return [];
    const rows = await this.database.query<(OrderAddress & { hash: string })[]>(
      `SELECT tenant, id, payload_hash AS hash FROM orders
       JOIN json_to_recordset($1::json) AS wanted (tenant text, id text) USING (tenant, id)`,
      [JSON.stringify(orders.map(({ tenant, id }) => ({ tenant, id })))],
    );
    const found = new Map(rows.map((row) => [orderKey(row), row.hash]));
    return orders.map((order) => found.get(orderKey(order)));
  }

  /** Remembers committed product rows. */
  private remember(products: readonly string[]): void {
    if (this.productsKnown.size + products.length > PRODUCTS_KNOWN_MAX) this.productsKnown.clear();
    for (const key of products) this.productsKnown.add(key);
  }
}

function orderRow(order: PlacedOrder) {
  return {
    tenant: order.tenant,
    id: order.id,
    market: order.market,
    basket: order.basket ?? null,
    opening: order.opening ?? null,
    due_at: new Date(order.expiresAtMs),
    currency: order.total.currency,
    total_minor: order.total.amount,
    adjustments: JSON.stringify(order.adjustments),
    degraded: order.degraded ?? false,
    pricing: order.pricing,
    allow_partial: order.allowPartial,
    payload_hash: order.payloadHash,
    traceparent: order.traceparent,
    created_at: new Date(order.createdAtMs),
  };
}

function historyRow({ tenant, id, by, createdAtMs }: PlacedOrder) {
  return { tenant, id, created_at: new Date(createdAtMs), by };
}

function lineRows({ tenant, id, market, lines }: PlacedOrder) {
  return lines.map((line, index) => ({
    tenant, order_id: id, line: index + 1, market, sku: line.sku, name: line.name, category: line.category ?? null,
    quantity: line.quantity, extras: extrasText(line), unit_price_minor: line.unitPrice.amount, ...lineAmounts(line),
  }));
}

/** Text within the JSON that carries it, as the adjustments are. */
function extrasText(line: OrderLine): string | null {
  const extras = extrasOf(line);
  return extras ? JSON.stringify(extras) : null;
}

import type pg from 'pg';

/** A violation of a promise about stock. */
export interface StockFinding {
  readonly promise: 'P4' | 'P5' | 'P6' | 'P12';
  readonly text: string;
}

/**
 * P6 at one committed point, in one statement and so on one snapshot. The quantity on hand is the sum of movements, and
 * is in lots. The reserved quantity is that of open orders, and never exceeds the quantity on hand. Returns the number
 * of products and the findings.
 */
export async function auditStock(database: pg.Client): Promise<{ products: number; findings: StockFinding[] }> {
  const { rows } = await database.query<StockRow>(STOCK);
  const findings = rows.flatMap((row) => {
    const onHand = Number(row.on_hand);
    const broken = [
      onHand === Number(row.moved) ? '' : `its movements come to ${row.moved}`,
      onHand === Number(row.lots) ? '' : `its lots hold ${row.lots}`,
      Number(row.reserved) === Number(row.held) ? '' : `open orders hold ${row.held}`,
      Number(row.reserved) >= 0 && Number(row.reserved) <= onHand ? '' : 'that is more than there is',
    ].filter(Boolean);
    const what = `${row.market}/${row.sku}: ${row.on_hand} on hand, ${row.reserved} reserved`;
    return broken.map((text) => ({ promise: 'P6' as const, text: `${what}, but ${text}` }));
  });
  return { products: rows.length, findings };
}

interface StockRow {
  readonly market: string;
  readonly sku: string;
  readonly on_hand: string;
  readonly reserved: string;
  readonly moved: string;
  readonly lots: string;
  readonly held: string;
}

const STOCK = `
  WITH moved AS (
    SELECT tenant, market, sku, sum(delta) AS units FROM market.movement GROUP BY tenant, market, sku
  ), lots AS (
    SELECT tenant, market, sku, sum(quantity) AS units FROM market.lot GROUP BY tenant, market, sku
  ), held AS (
    SELECT tenant, market, line->>0 AS sku, sum((line->>1)::int) AS units
    FROM market.reservation CROSS JOIN LATERAL jsonb_array_elements(lines) AS line
    WHERE closed_revision IS NULL GROUP BY 1, 2, 3
  )
  SELECT market, sku, on_hand, reserved, coalesce(moved.units, 0) AS moved, coalesce(lots.units, 0) AS lots,
    coalesce(held.units, 0) AS held
  FROM market.product
  LEFT JOIN moved USING (tenant, market, sku) LEFT JOIN lots USING (tenant, market, sku)
  LEFT JOIN held USING (tenant, market, sku)`;

/** Pending work: orders without a decision, and events that were not published or not read. */
export async function unsettled(database: pg.Client): Promise<string[]> {
  const { rows } = await database.query<{ what: string; count: string }>(`
    SELECT 'orders ' || status AS what, count(*) FROM orders.orders
      WHERE status IN ('PENDING', 'RESERVED') OR step IS NOT NULL GROUP BY status
    UNION ALL SELECT 'events in the outbox of orders', count(*) FROM orders.outbox
    UNION ALL SELECT 'events in the outbox of inventory', count(*) FROM inventory.outbox
    UNION ALL SELECT 'events in the outbox of market', count(*) FROM market.outbox
    UNION ALL SELECT 'movements not in the projection', count(*) FROM market.movement AS moved
      WHERE NOT EXISTS (SELECT FROM inventory.stock_movement AS seen
        WHERE seen.tenant = moved.tenant AND seen.market = moved.market AND seen.order_id IS NOT DISTINCT FROM moved.order_id
          AND seen.sku = moved.sku AND seen.on_hand = moved.on_hand AND seen.delta = moved.delta)`);
  return rows.filter(({ count }) => Number(count) > 0).map(({ what, count }) => `${count} ${what}`);
}

/** Checks the rest state; `acknowledged` are the orders that were answered 202. */
export async function auditOrders(database: pg.Client, acknowledged: readonly string[]): Promise<StockFinding[]> {
  const { rows: missing } = await database.query<{ id: string }>(
    'SELECT id FROM unnest($1::text[]) AS id WHERE NOT EXISTS (SELECT FROM orders.orders AS known WHERE known.id = id.id)',
    [acknowledged],
  );
  const { rows: split } = await database.query<{ text: string }>(DISAGREEING);
  const { rows: dead } = await database.query<{ text: string }>(
    "SELECT consumer || ': ' || coalesce(type, '?') || ' ' || error AS text FROM events.dead_letter WHERE stray = ''",
  );
  return [
    ...missing.map(({ id }) => ({ promise: 'P5' as const, text: `order ${id} was acknowledged, and is not there` })),
    ...split.map(({ text }) => ({ promise: 'P5' as const, text })),
    ...dead.map(({ text }) => ({ promise: 'P12' as const, text: `a dead letter of ${text}` })),
  ];
}

/**
 * An order and its market must agree to the unit, and so must its movements. Its lines must sum to its total, and the
 * projection must equal the market's stock.
 */
const DISAGREEING = `
  WITH wanted AS (
    SELECT tenant, order_id, sku, sum(quantity - missing) AS units FROM orders.order_line GROUP BY tenant, order_id, sku
  ), left_shop AS (
    SELECT tenant, order_id, sku, -sum(delta) AS units FROM market.movement WHERE kind = 'fulfilled' GROUP BY tenant, order_id, sku
  )
  SELECT 'order ' || o.id || ' is ' || o.status || ', its market says ' || coalesce(r.standing, 'nothing') AS text
  FROM orders.orders AS o LEFT JOIN market.reservation AS r ON (r.tenant, r.market, r.order_id) = (o.tenant, o.market, o.id)
  WHERE NOT CASE o.status
    WHEN 'CONFIRMED' THEN coalesce(r.standing = 'committed', false)
    WHEN 'FULFILLED' THEN coalesce(r.standing = 'fulfilled', false)
    ELSE coalesce(r.standing IN ('released', 'rejected'), true) END
  UNION ALL
  SELECT 'a market holds stock of ' || r.order_id || ', which is no order'
  FROM market.reservation AS r WHERE r.standing <> 'released' AND NOT EXISTS (
    SELECT FROM orders.orders AS o WHERE (o.tenant, o.id) = (r.tenant, r.order_id))
  UNION ALL
  SELECT 'order ' || w.order_id || ' was to get ' || w.units || ' of ' || w.sku || ', and ' || coalesce(l.units, 0) || ' left'
  FROM wanted AS w JOIN orders.orders AS o ON (o.tenant, o.id) = (w.tenant, w.order_id) AND o.status = 'FULFILLED'
  LEFT JOIN left_shop AS l ON (l.tenant, l.order_id, l.sku) = (w.tenant, w.order_id, w.sku) WHERE w.units <> coalesce(l.units, 0)
  UNION ALL
  SELECT 'units of ' || l.sku || ' left for order ' || l.order_id || ', which is not fulfilled'
  FROM left_shop AS l JOIN orders.orders AS o ON (o.tenant, o.id) = (l.tenant, l.order_id) WHERE o.status <> 'FULFILLED'
  UNION ALL
  SELECT 'order ' || o.id || ' costs ' || o.total_minor || ', its lines come to ' || sum(l.net_minor + l.share_minor)
  FROM orders.orders AS o JOIN orders.order_line AS l ON (l.tenant, l.order_id) = (o.tenant, o.id)
  GROUP BY o.tenant, o.id, o.total_minor HAVING sum(l.net_minor + l.share_minor) <> o.total_minor
  UNION ALL
  SELECT 'inventory says ' || i.on_hand || ' of ' || i.sku || ', its market ' || p.on_hand
  FROM inventory.inventory AS i JOIN market.product AS p USING (tenant, market, sku) WHERE i.on_hand <> p.on_hand`;

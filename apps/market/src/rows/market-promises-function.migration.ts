/**
 * As `marketRowsFunction`, with three additions: promises at risk, lots that were reassessed after expiry, and a market's
 * rounding.
 */
export function promisesFunction(schema: string): string {
  return `
CREATE OR REPLACE FUNCTION market_rows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ${schema}, pg_temp SET enable_seqscan = off AS $$
BEGIN
  -- Few batches make or change a market, and only such bytes are read for it.
  INSERT INTO market AS present
    (tenant, id, shard, actor, seq, revision, currency, rounding, low_stock, near_expiry_days, version)
  SELECT DISTINCT ON (inserted.actor) given->>'tenant', given->>'id', shard, inserted.actor, seq, (event->>'revision')::bigint,
    given->>'currency', given->>'rounding', (given->>'lowStock')::int, (given->>'nearExpiryDays')::int, (given->>'version')::int
  FROM inserted
  CROSS JOIN LATERAL jsonb_array_elements(convert_from(events, 'UTF8')::jsonb) AS event
  CROSS JOIN LATERAL (SELECT event->'market' AS given) AS parted
  WHERE position('"market":'::bytea IN events) > 0 AND event ? 'market'
  ORDER BY inserted.actor, seq DESC
  ON CONFLICT (tenant, id) DO UPDATE SET currency = excluded.currency, rounding = excluded.rounding,
    low_stock = excluded.low_stock, near_expiry_days = excluded.near_expiry_days, version = excluded.version;

  WITH event AS MATERIALIZED (
    SELECT tenant, id AS market, actor, currency, event, (event->>'revision')::bigint AS revision,
      to_timestamp((event->>'atMs')::float8 / 1000) AS at
    FROM inserted JOIN market USING (actor)
    CROSS JOIN LATERAL jsonb_array_elements(convert_from(events, 'UTF8')::jsonb) AS event
  ), advanced AS (
    UPDATE market AS present SET seq = latest.seq, revision = coalesce(events.revision, present.revision)
    FROM (SELECT actor, max(seq) AS seq FROM inserted GROUP BY actor) AS latest
    LEFT JOIN (SELECT actor, max(revision) AS revision FROM event GROUP BY actor) AS events USING (actor)
    WHERE present.actor = latest.actor
  ), detailed AS MATERIALIZED (
    SELECT tenant, market, revision, line, given->>'sku' AS sku, given,
      (given->>'version')::int AS version, (given->>'onHand')::int AS on_hand, (given->>'reserved')::int AS reserved,
      given->'lots' AS lots
    FROM event CROSS JOIN LATERAL jsonb_array_elements(event->'products') WITH ORDINALITY AS product (given, line)
  ), counted AS MATERIALIZED (
    SELECT tenant, market, revision, sku, version, on_hand, reserved, lots FROM detailed
    UNION ALL
    SELECT tenant, market, revision, given->>0, (given->>1)::int, (given->>2)::int, (given->>3)::int, given->4
    FROM event CROSS JOIN LATERAL jsonb_array_elements(event->'stock') AS given
  ), last_detail AS MATERIALIZED (
    SELECT DISTINCT ON (tenant, market, sku) * FROM detailed ORDER BY tenant, market, sku, revision DESC
  ), last_count AS MATERIALIZED (
    SELECT DISTINCT ON (tenant, market, sku) * FROM counted ORDER BY tenant, market, sku, revision DESC
  ), last_lots AS MATERIALIZED (
    SELECT DISTINCT ON (tenant, market, sku) tenant, market, sku, lots FROM counted
    WHERE lots IS NOT NULL ORDER BY tenant, market, sku, revision DESC
  ), written AS (
    INSERT INTO product AS present (tenant, market, sku, name, description, category, price_minor, deleted,
      version, revision, on_hand, reserved)
    SELECT tenant, market, sku, given->>'name', given->>'description', given->>'category', (given->>'priceMinor')::bigint,
      (given->>'deleted')::boolean, counts.version, counts.revision, counts.on_hand, counts.reserved
    FROM last_detail JOIN last_count AS counts USING (tenant, market, sku)
    ON CONFLICT (tenant, market, sku) DO UPDATE SET name = excluded.name, description = excluded.description,
      category = excluded.category, price_minor = excluded.price_minor, deleted = excluded.deleted,
      version = excluded.version, revision = excluded.revision, on_hand = excluded.on_hand, reserved = excluded.reserved
  ), recounted AS (
    UPDATE product AS present SET version = counts.version, revision = counts.revision, on_hand = counts.on_hand,
      reserved = counts.reserved
    FROM last_count AS counts
    WHERE (present.tenant, present.market, present.sku) = (counts.tenant, counts.market, counts.sku)
      AND NOT EXISTS (SELECT FROM last_detail AS detail
        WHERE (detail.tenant, detail.market, detail.sku) = (counts.tenant, counts.market, counts.sku))
  ), emptied AS (
    DELETE FROM lot AS present USING last_lots
    WHERE (present.tenant, present.market, present.sku) = (last_lots.tenant, last_lots.market, last_lots.sku)
      AND NOT EXISTS (SELECT FROM jsonb_array_elements(last_lots.lots) AS given WHERE given->>0 = present.lot)
  ), filled AS (
    INSERT INTO lot AS present (tenant, market, sku, lot, expires_on, quantity, warned, lapsed)
    SELECT tenant, market, sku, given->>0, (given->>1)::date, (given->>2)::int, given->>3 = '1', coalesce(given->>4 = '1', false)
    FROM last_lots CROSS JOIN LATERAL jsonb_array_elements(lots) AS given
    ON CONFLICT (tenant, market, sku, lot) DO UPDATE SET
      expires_on = excluded.expires_on, quantity = excluded.quantity, warned = excluded.warned, lapsed = excluded.lapsed
  ), ordered AS (
    INSERT INTO reservation AS present
      (tenant, market, order_id, standing, reason, lines, missing, expires_at, revision, closed_revision, at_risk)
    SELECT DISTINCT ON (tenant, market, given->>'id') tenant, market, given->>'id', given->>'standing', given->>'reason',
      given->'lines', given->'missing', to_timestamp((given->>'expiresAtMs')::float8 / 1000), revision,
      CASE WHEN given->>'standing' IN ('fulfilled', 'released', 'rejected') THEN revision END, coalesce(given->'atRisk', '[]')
    FROM event CROSS JOIN LATERAL jsonb_array_elements(event->'orders') AS given
    ORDER BY tenant, market, given->>'id', revision DESC
    ON CONFLICT (tenant, market, order_id) DO UPDATE SET standing = excluded.standing, reason = excluded.reason,
      revision = excluded.revision, closed_revision = excluded.closed_revision, at_risk = excluded.at_risk
  ), moving AS MATERIALIZED (
    SELECT tenant, market, revision, line, at, event->>'trace' AS trace, given
    FROM event CROSS JOIN LATERAL jsonb_array_elements(event->'movements') WITH ORDINALITY AS movement (given, line)
  ), moved AS (
    INSERT INTO movement (tenant, market, revision, line, sku, kind, delta, on_hand, reserved, lot, reason, order_id, at)
    SELECT tenant, market, revision, line, given->>'sku', given->>'kind', (given->>'delta')::int, (given->>'onHand')::int,
      (given->>'reserved')::int, given->>'lot', given->>'reason', given->>'orderId', at
    FROM moving
  ), told (tenant, market, revision, part, line, type, at, trace, data) AS (
    SELECT tenant, market, revision, 1, 0, 'MarketChanged', at, event->>'trace',
      json_build_object('market', market, 'currency', event->'market'->>'currency',
        'rounding', event->'market'->>'rounding', 'revision', revision)
    FROM event WHERE event ? 'market'
    UNION ALL
    SELECT tenant, market, revision, 2, line, 'ProductChanged', at, event->>'trace',
      ${productChanged({
        sku: "given->>'sku'", name: "given->>'name'", category: "given->>'category'", priceMinor: "given->'priceMinor'",
        deleted: "given->'deleted'",
      })}
    FROM event CROSS JOIN LATERAL jsonb_array_elements(event->'products') WITH ORDINALITY AS product (given, line)
    UNION ALL
    SELECT tenant, market, revision, 3, line, 'StockMoved', at, trace,
      json_build_object('market', market, 'sku', given->>'sku', 'movementId', revision || '-' || line,
        'kind', given->>'kind', 'delta', given->'delta', 'onHand', given->'onHand', 'reserved', given->'reserved',
        'reason', given->>'reason', 'orderId', given->>'orderId', 'at', ${isoText('at')})
    FROM moving
    UNION ALL
    SELECT tenant, market, revision, 4, line, given->>'type', at, event->>'trace', (given->'data')::json
    FROM event CROSS JOIN LATERAL jsonb_array_elements(event->'signals') WITH ORDINALITY AS signal (given, line)
  )
  INSERT INTO outbox (topic, key, type, tenant, id, at, traceparent, data)
  SELECT 'markets', tenant || '/' || market, type, tenant,
    tenant || '/' || market || '/' || revision || '-' || part || '-' || line, at, coalesce(trace, ''), data
  FROM told ORDER BY tenant, market, revision, part, line;
  RETURN NULL;
END $$`;
}

/**
 * Publishes the present state of every market and product once more, for a projection that was lost. It changes no
 * projection that has the same or a later revision. Returns the number of events. Only an administrator may run it.
 */
export const announcementFunction = `
CREATE OR REPLACE FUNCTION announce_markets() RETURNS bigint LANGUAGE sql SET search_path FROM CURRENT AS $$
  WITH told AS (
    INSERT INTO outbox (topic, key, type, tenant, data)
    SELECT 'markets', tenant || '/' || market, type, tenant, data FROM (
      SELECT tenant, id AS market, 1 AS part, NULL AS sku, 'MarketChanged' AS type,
        json_build_object('market', id, 'currency', currency, 'rounding', rounding, 'revision', revision) AS data
      FROM market
      UNION ALL
      SELECT product.tenant, market, 2, sku, 'ProductChanged',
        ${productChanged({ sku: 'sku', name: 'name', category: 'category', priceMinor: 'price_minor', deleted: 'deleted' })}
      FROM product JOIN (SELECT tenant, id AS market, currency FROM market) AS seller USING (tenant, market)
    ) AS present
    ORDER BY tenant, market, part, sku
    RETURNING 1
  )
  SELECT count(*) FROM told
$$`;

/** The data of a `ProductChanged`, from SQL expressions. The query must have columns `market`, `currency` and `revision`. */
export function productChanged(of: Record<'sku' | 'name' | 'category' | 'priceMinor' | 'deleted', string>): string {
  return `json_build_object('market', market, 'sku', ${of.sku}, 'name', ${of.name}, 'category', ${of.category},
        'price', json_build_object('amount', ${of.priceMinor}, 'currency', currency),
        'deleted', ${of.deleted}, 'revision', revision)`;
}

/** An instant in the format of JavaScript's `toISOString`. */
function isoText(at: string): string {
  return `to_char(${at} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

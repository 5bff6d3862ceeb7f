import type { MarketTerms, ProductFacts } from '@aisle/contracts';
import type { Rounding } from '@aisle/pricing';
import type { DataSource } from 'typeorm';
import type { CatalogueChange } from './catalogue.ts';
import type { MarketEntry, ProductEntry } from './catalogue-entries.ts';

interface ChangedRow {
  readonly revision: number;
  readonly tenant: string;
  readonly market: string;
  readonly currency: string | null;
  readonly rounding: Rounding | null;
  readonly sku: string | null;
  readonly name: string;
  readonly category: string | null;
  readonly priceMinor: number;
  readonly deleted: boolean;
  readonly facts: ProductFacts | null;
  readonly terms: MarketTerms | null;
}

// One statement is one snapshot, so the result is complete up to its highest revision.
const CHANGED = `
  SELECT revision::float8 AS revision, tenant, id AS market, currency, coalesce(rounding, 'half-up') AS rounding, NULL AS sku, NULL AS name, NULL AS category,
    NULL AS "priceMinor", false AS deleted, NULL::jsonb AS facts, terms
  FROM market WHERE revision > $1
  UNION ALL
  SELECT revision::float8, tenant, market, NULL, NULL, sku, name, category, price_minor::float8, deleted, facts, NULL
  FROM product WHERE revision > $1`;

// The first part locks its row until the commit, so that the revisions of all writers commit in order.
const WRITE = `
  WITH next AS (
    UPDATE catalogue_revision SET revision = revision + 1 RETURNING revision
  ), markets AS (
    INSERT INTO market (tenant, id, currency, rounding, terms, revision, source_revision)
    SELECT given.tenant, given.id, given.currency, given.rounding, given.terms::jsonb, next.revision, given.source
    FROM next, unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
      AS given (tenant, id, currency, rounding, source, terms)
    ON CONFLICT (tenant, id) DO UPDATE SET
      currency = excluded.currency, rounding = excluded.rounding, terms = excluded.terms, revision = excluded.revision,
      source_revision = excluded.source_revision
    WHERE market.source_revision < excluded.source_revision
      -- The rows of before there was a rounding are told it once more.
      OR market.source_revision = excluded.source_revision AND market.rounding IS NULL AND excluded.rounding IS NOT NULL
  ), products AS (
    INSERT INTO product (tenant, market, sku, name, category, price_minor, deleted, facts, revision, source_revision)
    SELECT given.tenant, given.market, given.sku, given.name, given.category, given.price, given.deleted, given.facts::jsonb,
      next.revision, given.source
    FROM next, unnest(
      $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::boolean[], $14::text[], $15::bigint[]
    ) AS given (tenant, market, sku, name, category, price, deleted, facts, source)
    ON CONFLICT (tenant, market, sku) DO UPDATE SET
      name = excluded.name, category = excluded.category, price_minor = excluded.price_minor,
      deleted = excluded.deleted, facts = excluded.facts, revision = excluded.revision, source_revision = excluded.source_revision
    WHERE product.source_revision < excluded.source_revision
    RETURNING 1
  )
  SELECT count(*)::int AS products FROM products`;

/** The catalogue's rows: basket-server's own projection of the events of markets. */
export class CatalogueRepository {
  constructor(private readonly database: Pick<DataSource, 'query'>) {}

  /** Changes written after a revision, markets first; after 0 the whole catalogue. */
  async changesAfter(revision: number): Promise<CatalogueChange[]> {
    const rows = await this.database.query<ChangedRow[]>(CHANGED, [revision]);
    const changes = rows.map(changeOf);
    return [...changes.filter((change) => 'currency' in change), ...changes.filter((change) => 'sku' in change)];
  }

  /**
   * Writes the entries that are newer than their rows, under one new revision, the highest so far. Idempotent: entries of
   * the same or an older source revision change nothing. There may be one entry per market and one per product. Returns
   * the number of changed products.
   */
  async write({ markets, products }: { markets: readonly MarketEntry[]; products: readonly ProductEntry[] }): Promise<number> {
    const [{ products: count }] = await this.database.query<[{ products: number }]>(WRITE, [
      ...columnsOf(markets.map(withTerms), ['tenant', 'market', 'currency', 'rounding', 'sourceRevision', 'terms']),
      ...columnsOf(products.map(withFacts), ['tenant', 'market', 'sku', 'name', 'category', 'priceMinor', 'deleted', 'facts', 'sourceRevision']),
    ]);
    return count;
  }
}

function changeOf({ revision, tenant, market, currency, rounding, sku, name, category, priceMinor, deleted, facts, terms }: ChangedRow): CatalogueChange {
  if (sku === null) return { revision, tenant, market, currency: currency as string, rounding: rounding as Rounding, terms: terms ?? {} };
  const product = { sku, name, unitPriceMinor: priceMinor, ...(category === null ? {} : { category }), ...facts };
  return { revision, tenant, market, sku, product: deleted ? undefined : product };
}

// Facts and terms are passed as texts, since an array of them is a parameter.
function withFacts({ facts, ...entry }: ProductEntry) {
  return { ...entry, facts: facts && JSON.stringify(facts) };
}

function withTerms({ terms, ...entry }: MarketEntry) {
  return { ...entry, terms: terms && JSON.stringify(terms) };
}

function columnsOf<T extends object>(rows: readonly T[], columns: readonly (keyof T)[]): unknown[][] {
  return columns.map((column) => rows.map((row) => row[column]));
}

import type { Version } from '@aisle/journal';
import { asDatabaseError } from '@aisle/persistence';
import { PersistentMap } from '@aisle/std';
import type { MarketTerms, ProductFacts } from '@aisle/contracts';
import type { DataSource } from 'typeorm';
import type { KnownOrder } from '../market/command.ts';
import { CLOSED_MAX, emptyMarket, withCodes, type Market, type Orders } from '../market/market.ts';
import type { Settings } from '../market/settings.ts';
import { withLots, type Lot, type Product } from '../product/product.ts';
import type { OrderStock } from '../stock/order-stock.ts';

/** A market of a tenant. */
export interface MarketId {
  readonly tenant: string;
  readonly market: string;
}

// Other work runs between two pages, so that loading a market of 100,000 products does not block busy ones.
const PAGE = 4_000;

/** Reads the rows that a market's actor needs. Throws `DatabaseFailure.unavailable`. */
export class MarketRows {
  constructor(
    private readonly database: DataSource,
    private readonly url: string,
  ) {}

  /**
   * Loads a market from its rows. The claim of its shard has committed, and no row of the market is being written. So the
   * rows do not change while they are read page by page.
   */
  async load({ tenant, market }: MarketId): Promise<Version<Market>> {
    const [row] = await this.query<RawMarket>(
      'SELECT seq, revision, currency, rounding, low_stock, near_expiry_days, terms, version FROM market WHERE tenant = $1 AND id = $2',
      [tenant, market],
    );
    if (!row) return { seq: 0, state: emptyMarket };
    const settings: Settings = {
      currency: row.currency, rounding: row.rounding, lowStock: row.low_stock, nearExpiryDays: row.near_expiry_days,
      ...(row.terms ? { terms: row.terms } : {}), version: row.version,
    };
    const { products, skus, codes } = await this.loadProducts(tenant, market);
    const orders = await this.loadOrders(tenant, market);
    return { seq: Number(row.seq), state: { settings, revision: Number(row.revision), products, skus, codes, orders } };
  }

  /** Reads orders that may have left memory, all at one revision of the market. */
  async lookUp({ tenant, market }: MarketId, orderIds: readonly string[]): Promise<ReadonlyMap<string, KnownOrder>> {
    const rows = await this.query<RawOrder & { market_revision: string }>(
      `SELECT market.revision AS market_revision, ${ORDER} FROM market LEFT JOIN reservation
         ON reservation.tenant = market.tenant AND reservation.market = market.id AND order_id = ANY ($3)
       WHERE market.tenant = $1 AND market.id = $2`,
      [tenant, market, orderIds],
    );
    const revision = Number(rows[0]?.market_revision ?? 0);
    const found = new Map(rows.flatMap((row) => (row.order_id === null ? [] : [[row.order_id, orderFrom(row)] as const])));
    return new Map(orderIds.map((id) => [id, { revision, order: found.get(id) }]));
  }

  /** The number of a market's products, including deleted ones. */
  async count({ tenant, market }: MarketId): Promise<number> {
    const [row] = await this.query<{ products: number }>(
      'SELECT count(*)::int AS products FROM product WHERE tenant = $1 AND market = $2', [tenant, market],
    );
    return row?.products ?? 0;
  }

  private async loadProducts(tenant: string, market: string): Promise<Pick<Market, 'products' | 'skus' | 'codes'>> {
    let products = PersistentMap.empty<Product>();
    const skus: string[] = [];
    let codes = PersistentMap.empty<string>();
    for (let after = '', rows = PAGE; rows === PAGE; ) {
      const page = await this.query<RawProduct>(
        `SELECT sku, name, description, category, price_minor, deleted, facts, version, on_hand, reserved,
           (SELECT json_agg(json_build_array(lot, expires_on, quantity, warned, lapsed)) FROM lot
            WHERE (lot.tenant, lot.market, lot.sku) = (product.tenant, product.market, product.sku)) AS lots
         FROM product WHERE tenant = $1 AND market = $2 AND sku > $3 ORDER BY sku LIMIT $4`,
        [tenant, market, after, PAGE],
      );
      for (const row of page) {
        const product = productFrom(row);
        products = products.set(row.sku, product);
        skus.push(row.sku);
        codes = withCodes(codes, undefined, product);
      }
      rows = page.length;
      after = page.at(-1)?.sku ?? after;
    }
    // The database may order text otherwise.
    return { products, skus: skus.sort(), codes };
  }

  private async loadOrders(tenant: string, market: string): Promise<Orders> {
    const [open, closed] = await Promise.all([
      this.query<RawOrder>(
        `SELECT ${ORDER} FROM reservation WHERE tenant = $1 AND market = $2 AND closed_revision IS NULL`, [tenant, market],
      ),
      this.query<RawOrder & { closed_revision: string }>(
        `SELECT ${ORDER}, closed_revision FROM reservation WHERE tenant = $1 AND market = $2 AND closed_revision IS NOT NULL
         ORDER BY closed_revision DESC LIMIT $3`,
        [tenant, market, CLOSED_MAX],
      ),
    ]);
    // A full page means that there may be more closed orders. These must be read from their rows.
    const forgottenAt = closed.length < CLOSED_MAX ? 0 : Number(closed.at(-1)?.closed_revision);
    const kept = forgottenAt === 0 ? closed : closed.filter((row) => Number(row.closed_revision) > forgottenAt);
    const mapOf = (rows: readonly RawOrder[]): PersistentMap<OrderStock> =>
      PersistentMap.of(rows.map((row) => [row.order_id, orderFrom(row)] as const));
    return {
      open: mapOf(open), closed: PersistentMap.empty(), closedBefore: mapOf(kept),
      completeAt: Number(closed[0]?.closed_revision ?? 0), forgottenAt,
    };
  }

  private async query<R extends object>(text: string, values: unknown[]): Promise<R[]> {
    try {
      return await this.database.query<R[]>(text, values);
    } catch (error) {
      throw asDatabaseError(this.url, error);
    }
  }
}

const ORDER = `order_id, standing, reason, lines, missing, at_risk, extract(epoch FROM expires_at)::float8 * 1000 AS expires_at_ms`;

interface RawMarket {
  readonly seq: string;
  readonly revision: string;
  readonly currency: string;
  readonly rounding: Settings['rounding'];
  readonly low_stock: number;
  readonly near_expiry_days: number;
  readonly terms: MarketTerms | null;
  readonly version: number;
}

interface RawProduct {
  readonly sku: string;
  readonly name: string;
  readonly description: string | null;
  readonly category: string | null;
  readonly price_minor: string;
  readonly deleted: boolean;
  readonly facts: ProductFacts | null;
  readonly version: number;
  readonly on_hand: number;
  readonly reserved: number;
  readonly lots: [lot: string, expiresOn: string | null, quantity: number, warned: boolean, lapsed: boolean][] | null;
}

interface RawOrder {
  readonly order_id: string;
  readonly standing: OrderStock['standing'];
  readonly reason: OrderStock['reason'];
  readonly lines: [sku: string, quantity: number][];
  readonly missing: [sku: string, quantity: number][];
  readonly at_risk: string[];
  readonly expires_at_ms: number;
}

function productFrom(row: RawProduct): Product {
  const { sku, name, description, category, price_minor, deleted, facts, version, on_hand: onHand, reserved } = row;
  const details = { name, description, category, priceMinor: Number(price_minor), deleted, ...(facts ? { facts } : {}) };
  const lots = (row.lots ?? []).map(([lot, expiresOn, quantity, warned, lapsed]): Lot =>
    ({ lot, expiresOn, quantity, warned, ...(lapsed ? { lapsed } : {}) }));
  return withLots({ sku, version, details, lots: [], onHand, reserved }, lots);
}

function orderFrom({ order_id: id, standing, reason, lines, missing, at_risk: atRisk, expires_at_ms }: RawOrder): OrderStock {
  const line = ([sku, quantity]: [string, number]): { sku: string; quantity: number } => ({ sku, quantity });
  return {
    id, standing, reason, lines: lines.map(line), missing: missing.map(line), expiresAtMs: Math.round(expires_at_ms),
    ...(atRisk.length > 0 ? { atRisk } : {}),
  };
}

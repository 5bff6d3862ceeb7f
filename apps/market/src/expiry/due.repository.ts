import { asDatabaseError } from '@aisle/persistence';
import type { DataSource } from 'typeorm';
import { businessDay } from '../market/settings.ts';
import type { MarketId } from '../rows/market-rows.repository.ts';
import type { Now } from '../stock/order-stock.ts';

/** A market with uncommitted reservations that end, and the end of the first. */
export interface DueMarket extends MarketId {
  readonly dueAtMs: number;
}

/** A lot that has expired, or whose near expiry is not published yet. */
export interface DueLot extends MarketId {
  readonly sku: string;
  readonly lot: string;
}

/** Queries for due reservations and lots. Throws `DatabaseFailure.unavailable`. */
export class DueRows {
  constructor(
    private readonly database: DataSource,
    private readonly url: string,
  ) {}

  /** Markets with reservations that end by `byMs`, longest overdue first. */
  markets(byMs: number, limit: number): Promise<DueMarket[]> {
    return this.query(
      `SELECT tenant, market, extract(epoch FROM min(expires_at))::float8 * 1000 AS "dueAtMs" FROM reservation
       WHERE standing = 'reserved' AND expires_at <= to_timestamp($1::float8 / 1000)
       GROUP BY tenant, market ORDER BY min(expires_at) LIMIT $2`,
      [byMs, limit],
    );
  }

  /** Orders of a market whose reservations end by `byMs`, longest overdue first. */
  async orders({ tenant, market }: MarketId, byMs: number, limit: number): Promise<string[]> {
    const rows = await this.query<{ order_id: string }>(
      `SELECT order_id FROM reservation WHERE standing = 'reserved' AND expires_at <= to_timestamp($3::float8 / 1000)
         AND tenant = $1 AND market = $2 ORDER BY expires_at LIMIT $4`,
      [tenant, market, byMs, limit],
    );
    return rows.map(({ order_id }) => order_id);
  }

  /**
   * Due lots of the markets on these shards. An expired lot is due if it has unpromised units, or was not checked since its
   * expiry. A lot near expiry is due until that is published. Lots of a deleted product with unpromised units are due. Days are those of
   * each market's own clock, which this process reads, because time-zone data of a database may differ.
   */
  async lots(shards: readonly number[], { nowMs, today }: Now, limit: number): Promise<DueLot[]> {
    const zones = await this.query<{ name: string | null }>(
      "SELECT DISTINCT terms->>'timeZone' AS name FROM market WHERE shard = ANY ($1)", [shards],
    );
    const names = zones.map(({ name }) => name ?? '');
    const days = zones.map(({ name }) => businessDay(name === null ? undefined : { terms: { timeZone: name } }, nowMs, today));
    return this.query(
      `SELECT lot.tenant, lot.market, lot.sku, lot.lot
       FROM market JOIN unnest($2::text[], $3::date[]) AS zone (name, today) ON zone.name = coalesce(terms->>'timeZone', '')
       JOIN lot ON lot.tenant = market.tenant AND lot.market = market.id
       JOIN product ON (product.tenant, product.market, product.sku) = (lot.tenant, lot.market, lot.sku)
       WHERE shard = ANY ($1) AND quantity > 0 AND (
         (expires_on < zone.today AND (on_hand > product.reserved OR NOT lapsed))
         OR (deleted AND on_hand > product.reserved)
         OR (NOT warned AND expires_on <= zone.today + near_expiry_days))
       ORDER BY lot.tenant, lot.market, expires_on LIMIT $4`,
      [shards, names, days, limit],
    );
  }

  private async query<R extends object>(text: string, values: unknown[]): Promise<R[]> {
    try {
      return await this.database.query<R[]>(text, values);
    } catch (error) {
      throw asDatabaseError(this.url, error);
    }
  }
}

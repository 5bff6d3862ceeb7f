import { asDatabaseError } from '@aisle/persistence';
import type { DataSource } from 'typeorm';
import type { MarketId } from '../rows/market-rows.repository.ts';

/** A market of which uncommitted reservations end, and the time of the first. */
export interface DueMarket extends MarketId {
  readonly dueAtMs: number;
}

/** A lot that is past its day, or near it and not yet said to be. */
export interface DueLot extends MarketId {
  readonly sku: string;
  readonly lot: string;
}

/** Finds in the rows what time has made due. Throws `DatabaseFailure.unavailable`. */
export class DueRows {
  constructor(
    private readonly database: DataSource,
    private readonly url: string,
  ) {}

  /** Markets with reservations that end by `byMs`, those that have waited longest first. */
  markets(byMs: number, limit: number): Promise<DueMarket[]> {
    return this.query(
      `SELECT tenant, market, extract(epoch FROM min(expires_at))::float8 * 1000 AS "dueAtMs" FROM reservation
       WHERE standing = 'reserved' AND expires_at <= to_timestamp($1::float8 / 1000)
       GROUP BY tenant, market ORDER BY min(expires_at) LIMIT $2`,
      [byMs, limit],
    );
  }

  /** Orders of a market whose time is over by `byMs`. */
  async orders({ tenant, market }: MarketId, byMs: number, limit: number): Promise<string[]> {
    const rows = await this.query<{ order_id: string }>(
      `SELECT order_id FROM reservation WHERE standing = 'reserved' AND expires_at <= to_timestamp($3::float8 / 1000)
         AND tenant = $1 AND market = $2 ORDER BY expires_at LIMIT $4`,
      [tenant, market, byMs, limit],
    );
    return rows.map(({ order_id }) => order_id);
  }

  /**
   * Lots of the markets on these shards that are due on that day: past it and not all promised, or not looked at since; near
   * it and unsaid; or of a deleted product that has more than is promised.
   */
  lots(shards: readonly number[], today: string, limit: number): Promise<DueLot[]> {
    return this.query(
      `SELECT lot.tenant, lot.market, lot.sku, lot.lot
       FROM market JOIN lot ON lot.tenant = market.tenant AND lot.market = market.id
       JOIN product ON (product.tenant, product.market, product.sku) = (lot.tenant, lot.market, lot.sku)
       WHERE shard = ANY ($1) AND quantity > 0 AND (
         (expires_on < $2::date AND (on_hand > product.reserved OR NOT lapsed))
         OR (deleted AND on_hand > product.reserved)
         OR (NOT warned AND expires_on <= $2::date + near_expiry_days))
       ORDER BY lot.tenant, lot.market, expires_on LIMIT $3`,
      [shards, today, limit],
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

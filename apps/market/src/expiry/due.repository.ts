import { asDatabaseError } from '@aisle/persistence';
import type { DataSource } from 'typeorm';
import type { MarketId } from '../rows/market-rows.repository.ts';

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
   * expiry. A lot near expiry is due until that is published. Lots of a deleted product with unpromised units are due.
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

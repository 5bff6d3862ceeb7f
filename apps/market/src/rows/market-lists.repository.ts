import type {
  MarketList, ReadMarkets, ReadMovements, ReadPage, ReadReservations, Reservations, StockAlerts, StockMovements,
} from '@aisle/contracts';
import { asDatabaseError } from '@aisle/persistence';
import { And, In, MoreThan, type DataSource } from 'typeorm';
import { businessDay } from '../market/settings.ts';
import { MarketFailure } from '../market/market-failures.ts';
import { marketView } from '../market/market-view.ts';
import { MarketRow } from './market.row.ts';
import type { Settings } from '../market/settings.ts';
import type { Now } from '../stock/order-stock.ts';
import type { MarketId } from './market-rows.repository.ts';
import { MovementRow } from './movement.row.ts';
import { PageFailure, cursorFrom, cursorOf, pageOf } from './page.ts';
import { ReservationRow } from './reservation.row.ts';

/**
 * Lists for readers, from rows: the markets need not be in memory. Throws `PageFailure.cursorInvalid` and
 * `DatabaseFailure.unavailable`.
 */
export class MarketLists {
  constructor(
    private readonly database: DataSource,
    private readonly url: string,
  ) {}

  /** The markets of a tenant, by id; with `markets`, only those. */
  markets(tenant: string, { limit, cursor, markets }: ReadMarkets): Promise<MarketList> {
    return this.asking(async () => {
      const [after = ''] = cursorFrom(cursor, 1);
      const rows = await this.database.getRepository(MarketRow).find({
        where: { tenant, id: markets ? And(MoreThan(after), In([...markets])) : MoreThan(after) }, order: { id: 'ASC' }, take: limit + 1,
      });
      const { items, next } = pageOf(rows, limit, ({ id }) => cursorOf(id));
      return { items: items.map((row) => marketView(row.id, settingsOf(row))), next };
    });
  }

  /** The movements of stock, oldest first. Throws `MarketFailure.unknown`. */
  movements(id: MarketId, { limit, cursor, sku }: ReadMovements): Promise<StockMovements> {
    return this.asking(async () => {
      await this.marketOf(id);
      const [revision = '0', line = '0'] = cursorFrom(cursor, 2, /^\d{1,15}$/);
      const query = this.database.getRepository(MovementRow).createQueryBuilder('moved')
        .where('moved.tenant = :tenant AND moved.market = :market', id)
        .andWhere('(moved.revision, moved.line) > (CAST(:revision AS bigint), CAST(:line AS bigint))', { revision, line })
        .orderBy({ 'moved.revision': 'ASC', 'moved.line': 'ASC' })
        .take(limit + 1);
      if (sku !== undefined) query.andWhere('moved.sku = :sku', { sku });
      const { items, next } = pageOf(await query.getMany(), limit, (row) => cursorOf(row.revision, String(row.line)));
      return {
        items: items.map(({ revision: event, line: place, sku: name, kind, delta, onHand, lot, reason, orderId, at, by }) => ({
          id: `${event}-${place}`, sku: name, kind, delta, onHand, lot, reason, orderId, at: at.toISOString(), ...(by === '' ? {} : { by }),
        })),
        next,
      };
    });
  }

  /** The stock of orders, by order. Throws `MarketFailure.unknown`. */
  reservations(id: MarketId, { limit, cursor, standing }: ReadReservations): Promise<Reservations> {
    return this.asking(async () => {
      await this.marketOf(id);
      const [after = ''] = cursorFrom(cursor, 1);
      const rows = await this.database.getRepository(ReservationRow).find({
        where: { ...id, orderId: MoreThan(after), ...(standing === undefined ? {} : { standing }) },
        order: { orderId: 'ASC' }, take: limit + 1,
      });
      const { items, next } = pageOf(rows, limit, ({ orderId }) => cursorOf(orderId));
      const line = ([sku, quantity]: readonly [string, number]): { sku: string; quantity: number } => ({ sku, quantity });
      return {
        items: items.map(({ orderId, standing: stands, reason, lines, missing, atRisk, expiresAt }) => ({
          orderId, standing: stands, reason, lines: lines.map(line), missing: missing.map(line), expiresAt: expiresAt.toISOString(),
          ...(atRisk.length > 0 ? { atRisk } : {}),
        })),
        next,
      };
    });
  }

  /**
   * Products that are low or have uncovered promises, and lots that are near expiry or expired, by SKU. Throws
   * `MarketFailure.unknown`.
   */
  alerts(id: MarketId, { limit, cursor }: ReadPage, now: Now): Promise<StockAlerts> {
    return this.asking(async () => {
      const { lowStock, nearExpiryDays, terms } = settingsOf(await this.marketOf(id));
      const today = businessDay({ ...(terms ? { terms } : {}) }, now.nowMs, now.today);
      const [sku = '', place = '', lot = ''] = cursorFrom(cursor, 3);
      const rows = await this.database.query<RawAlert[]>(ALERTS, [
        id.tenant, id.market, today, lowStock, nearExpiryDays, sku, place, lot, limit + 1,
      ]);
      const { items, next } = pageOf(rows, limit, (row) => cursorOf(row.sku, row.place, row.lot));
      return { items: items.map((row) => alertOf(row, today)), next };
    });
  }

  private async marketOf({ tenant, market }: MarketId): Promise<MarketRow> {
    const row = await this.database.getRepository(MarketRow).findOneBy({ tenant, id: market });
    if (!row) throw MarketFailure.unknown(market);
    return row;
  }

  private async asking<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (/invalid byte sequence/.test((error as Error).message)) throw PageFailure.cursorInvalid();
      throw asDatabaseError(this.url, error);
    }
  }
}

function settingsOf({ currency, rounding, lowStock, nearExpiryDays, terms, version }: MarketRow): Settings {
  return { currency, rounding: rounding as Settings['rounding'], lowStock, nearExpiryDays, ...(terms ? { terms } : {}), version };
}

// A product's own alerts come before those of its lots.
const ALERTS = `
  WITH stocked AS (
    SELECT sku, deleted, reserved, $4 * (10 ^ coalesce((facts->'unit'->>'scale')::int, 0))::bigint AS threshold, (on_hand - coalesce((
      SELECT sum(quantity) FROM lot
      WHERE (lot.tenant, lot.market, lot.sku) = (product.tenant, product.market, product.sku) AND expires_on < $3::date
    ), 0))::int AS good
    FROM product WHERE tenant = $1 AND market = $2
  )
  SELECT sku, place, lot, units, promised, threshold::float8, expires_on::text FROM (
    SELECT sku, '0' AS place, '' AS lot, greatest(0, good - reserved) AS units, NULL::int AS promised, threshold, NULL::date AS expires_on
    FROM stocked WHERE NOT deleted AND greatest(0, good - reserved) <= threshold
    UNION ALL
    SELECT sku, '1', '', good, reserved, NULL, NULL FROM stocked WHERE good < reserved
    UNION ALL
    SELECT sku, '2', lot, quantity, NULL, NULL, expires_on FROM lot
    WHERE tenant = $1 AND market = $2 AND quantity > 0 AND expires_on <= $3::date + $5::int
  ) AS alert
  WHERE (sku, place, lot) > ($6, $7, $8)
  ORDER BY sku, place, lot LIMIT $9`;

interface RawAlert {
  readonly sku: string;
  /** The rank among the alerts of a product. */
  readonly place: string;
  readonly lot: string;
  readonly units: number;
  /** The promised units, if `units` do not cover them. */
  readonly promised: number | null;
  /** In the steps of the product; only of a product that is low. */
  readonly threshold: number | null;
  readonly expires_on: string | null;
}

function alertOf(
  { sku, lot, units, promised, threshold, expires_on: expiresOn }: RawAlert, today: string,
): StockAlerts['items'][number] {
  if (promised !== null) return { type: 'promises_at_risk', sku, promised, good: units };
  if (expiresOn === null) return { type: 'low_stock', sku, available: units, threshold: threshold ?? 0 };
  return { type: expiresOn < today ? 'expired' : 'near_expiry', sku, lot, quantity: units, expiresOn };
}

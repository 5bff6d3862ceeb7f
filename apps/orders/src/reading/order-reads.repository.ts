import type { ListOrders, OrderList } from '@aisle/contracts';
import { In, type DataSource } from 'typeorm';
import { orderKey, type OrderAddress } from '../order/change-set.ts';
import { OrderHistoryRow } from '../rows/order-history.row.ts';
import { cursorOf, positionOf } from './cursor.ts';
import { summaryView } from './order-view.ts';
import { OrderRow } from '../rows/order.row.ts';
import type { StoredOrder } from './stored-order.ts';
import { storedOrders } from './stored-orders.repository.ts';

/** An order and its history. */
export interface FoundOrder {
  readonly order: StoredOrder;
  readonly history: readonly OrderHistoryRow[];
}

/** Reads the rows of orders for documents. */
export class OrderReadsRepository {
  constructor(private readonly database: DataSource) {}

  /** Reads many orders, in the requested order; undefined for an order that does not exist. */
  async find(wanted: readonly OrderAddress[]): Promise<(FoundOrder | undefined)[]> {
    return this.database.transaction('REPEATABLE READ', async (snapshot) => {
      const orders = await storedOrders(snapshot, wanted);
      const histories = new Map<string, OrderHistoryRow[]>([...orders.keys()].map((key) => [key, []]));
      for (const tenant of new Set(wanted.map((one) => one.tenant))) {
        const ids = [...new Set(wanted.filter((one) => one.tenant === tenant).map(({ id }) => id))];
        const rows = await snapshot.getRepository(OrderHistoryRow).findBy({ tenant, orderId: In(ids) });
        for (const row of rows) histories.get(orderKey({ tenant, id: row.orderId }))?.push(row);
      }
      return wanted.map((one) => {
        const order = orders.get(orderKey(one));
        return order && { order, history: histories.get(orderKey(one)) ?? [] };
      });
    });
  }

  /** Reads many orders without their history; undefined for an order that does not exist. */
  async stored(wanted: readonly OrderAddress[]): Promise<(StoredOrder | undefined)[]> {
    const orders = await storedOrders(this.database, wanted);
    return wanted.map((one) => orders.get(orderKey(one)));
  }

  /** A page of orders, latest first. Throws a failure of kind `invalid` for a cursor that no page returned. */
  async list(tenant: string, { market, markets, status, atRisk, cursor, limit }: ListOrders): Promise<OrderList> {
    const query = this.database.getRepository(OrderRow).createQueryBuilder('o').where('o.tenant = :tenant', { tenant });
    if (market !== undefined) query.andWhere('o.market = :market', { market });
    if (markets !== undefined) query.andWhere('o.market = ANY (:markets)', { markets });
    if (status !== undefined) query.andWhere('o.status = :status', { status });
    if (atRisk !== undefined) query.andWhere(atRisk ? "o.at_risk <> '{}'" : "o.at_risk = '{}'");
    const after = cursor === undefined ? undefined : positionOf(cursor);
    if (after) query.andWhere('(o.created_at, o.id) < (:at, :id)', { ...after });
    const rows = await query.orderBy('o.created_at', 'DESC').addOrderBy('o.id', 'DESC').limit(limit + 1).getMany();
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return { items: page.map(summaryView), next: last ? cursorOf({ at: last.createdAt, id: last.id }) : null };
  }
}

import type { ListOrders, Order, OrderList } from '@aisle/contracts';
import { In, type DataSource } from 'typeorm';
import { orderKey, type OrderAddress } from '../order/change-set.ts';
import { OrderHistoryRow } from '../rows/order-history.row.ts';
import { OrderLineRow } from '../rows/order-line.row.ts';
import { cursorOf, placeOf } from './cursor.ts';
import { orderView, summaryView } from './order-view.ts';
import { OrderRow } from '../rows/order.row.ts';

/** Orders as they are shown. */
export class OrderReadsRepository {
  constructor(private readonly database: DataSource) {}

  /** The documents of many orders, in the order in which they were asked for; undefined for those there are not. */
  async find(wanted: readonly OrderAddress[]): Promise<(Order | undefined)[]> {
    return this.database.transaction('REPEATABLE READ', async (snapshot) => {
      const tenants = new Set(wanted.map(({ tenant }) => tenant));
      const found = new Map<string, Order>();
      for (const tenant of tenants) {
        const ids = In([...new Set(wanted.filter((one) => one.tenant === tenant).map(({ id }) => id))]);
        const orders = await snapshot.getRepository(OrderRow).findBy({ tenant, id: ids });
        const lines = groupedById(await snapshot.getRepository(OrderLineRow).find({
          where: { tenant, orderId: ids }, order: { orderId: 'ASC', line: 'ASC' },
        }));
        const history = groupedById(await snapshot.getRepository(OrderHistoryRow).findBy({ tenant, orderId: ids }));
        for (const order of orders) {
          found.set(orderKey(order), orderView(order, lines.get(order.id) ?? [], history.get(order.id) ?? []));
        }
      }
      return wanted.map((one) => found.get(orderKey(one)));
    });
  }

  /** A page, latest first. */
  async list(tenant: string, { market, status, cursor, limit }: ListOrders): Promise<OrderList> {
    const query = this.database.getRepository(OrderRow).createQueryBuilder('o').where('o.tenant = :tenant', { tenant });
    if (market !== undefined) query.andWhere('o.market = :market', { market });
    if (status !== undefined) query.andWhere('o.status = :status', { status });
    const after = cursor === undefined ? undefined : placeOf(cursor);
    if (after) query.andWhere('(o.created_at, o.id) < (:at, :id)', { ...after });
    const rows = await query.orderBy('o.created_at', 'DESC').addOrderBy('o.id', 'DESC').limit(limit + 1).getMany();
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return { items: page.map(summaryView), next: last ? cursorOf({ at: last.createdAt, id: last.id }) : null };
  }
}

function groupedById<T extends { orderId: string }>(rows: readonly T[]): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(row.orderId);
    if (group) group.push(row);
    else groups.set(row.orderId, [row]);
  }
  return groups;
}

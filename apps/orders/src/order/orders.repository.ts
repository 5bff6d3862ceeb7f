import { TOPICS, type EventType, type OrderStatus } from '@aisle/contracts';
import { insertOutbox, type OutboxEvent } from '@aisle/events';
import type { Clock } from '@aisle/std';
import type { DataSource, EntityManager } from 'typeorm';
import { ChangeSet, orderKey, type Change, type Changed, type OrderAddress, type StandingOrder } from './change-set.ts';
import { suppliedTotalMinor, type SuppliedLine } from './supplied-total.ts';

const COLUMNS = 'tenant, id, market, traceparent, status, reason, step';
const WANTED = 'json_to_recordset($1::json) AS wanted (tenant text, id text)';

// Everybody locks in one order, so that nobody waits in a circle.
const LOCK = `
  SELECT ${COLUMNS} FROM orders JOIN ${WANTED} USING (tenant, id)
  ORDER BY tenant, id FOR UPDATE OF orders`;

const UPDATE = `
  WITH history AS (
    INSERT INTO order_history (tenant, order_id, status, reason, at)
    SELECT tenant, id, status, reason, $3::timestamptz
    FROM json_to_recordset($2::json) AS passed (tenant text, id text, status text, reason text)
    ON CONFLICT DO NOTHING
  )
  UPDATE orders SET status = changed.status, reason = changed.reason, step = changed.step,
    due_at = CASE WHEN changed.step IS NOT NULL THEN $4::timestamptz END
  FROM json_to_recordset($1::json) AS changed (tenant text, id text, status text, reason text, step text)
  WHERE orders.tenant = changed.tenant AND orders.id = changed.id`;

const UPDATE_MISSING = `
  UPDATE order_line SET missing = least(quantity, gone.missing)
  FROM json_to_recordset($1::json) AS gone (tenant text, id text, sku text, missing int)
  WHERE order_line.tenant = gone.tenant AND order_line.order_id = gone.id AND order_line.sku = gone.sku`;

const SELECT_PARTIAL = `
  SELECT orders.tenant, orders.id, total_minor AS total, quantity, missing, net_minor AS net
  FROM (SELECT DISTINCT tenant, id FROM ${WANTED}) AS partial
  JOIN orders USING (tenant, id)
  JOIN order_line ON order_line.tenant = orders.tenant AND order_line.order_id = orders.id`;

const UPDATE_TOTAL = `
  UPDATE orders SET total_minor = supplied.total
  FROM json_to_recordset($1::json) AS supplied (tenant text, id text, total bigint)
  WHERE orders.tenant = supplied.tenant AND orders.id = supplied.id`;

const TAKE_DUE = `
  UPDATE orders SET due_at = $2
  WHERE (tenant, id) IN (
    SELECT tenant, id FROM orders WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
  RETURNING ${COLUMNS}`;

const EVENT_OF: Readonly<Partial<Record<OrderStatus, EventType>>> = {
  CONFIRMED: 'OrderConfirmed', REJECTED: 'OrderRejected', CANCELLED: 'OrderCancelled', FULFILLED: 'OrderFulfilled',
};

interface PartialLine extends OrderAddress {
  /** PostgreSQL's bigint arrives as text. */
  readonly total: string;
  readonly quantity: number;
  readonly missing: number;
  readonly net: string;
}

/** Orders on their way to an end; any number of them are changed together. */
export class OrdersRepository {
  constructor(
    private readonly database: DataSource,
    private readonly options: {
      readonly clock: Clock;
      /** After so long the market is asked again. */
      readonly retryMs: number;
    },
  ) {}

  /** As they stand by now; those that there are not are left out. */
  async standing(orders: readonly OrderAddress[]): Promise<StandingOrder[]> {
    if (orders.length === 0) return [];
    return this.database.query(`SELECT ${COLUMNS} FROM orders JOIN ${WANTED} USING (tenant, id)`, [wanted(orders)]);
  }

  /** Applies the changes one after the other, and commits all of them with what the other apps are told. */
  async change(changes: readonly Change[]): Promise<Changed[]> {
    if (changes.length === 0) return [];
    return this.database.transaction(async (manager) => {
      const set = new ChangeSet(await manager.query<StandingOrder[]>(LOCK, [wanted(changes)]));
      const outcomes = changes.map((change) => set.apply(change));
      await this.save(manager, set);
      return outcomes;
    });
  }

  /** Takes what is due by now, for as long as until it is due again: whoever else looks finds the rest. */
  async takeDue(limit: number): Promise<StandingOrder[]> {
    const nowMs = this.options.clock.nowMs();
    const again = new Date(nowMs + this.options.retryMs);
    const [rows] = await this.database.query<[StandingOrder[], number]>(TAKE_DUE, [new Date(nowMs), again, limit]);
    return rows;
  }

  /** When something is due next, or was; undefined when nothing is. */
  async firstDue(): Promise<number | undefined> {
    const [row] = await this.database.query<{ due: Date | null }[]>('SELECT min(due_at) AS due FROM orders');
    return row?.due?.getTime();
  }

  private async save(manager: EntityManager, set: ChangeSet): Promise<void> {
    const { changed, passages, missing } = set;
    if (changed.length === 0) return;
    const nowMs = this.options.clock.nowMs();
    const again = new Date(nowMs + this.options.retryMs);
    await manager.query(UPDATE, [states(changed), states(passages), new Date(nowMs), again]);
    if (missing.length > 0) {
      await manager.query(UPDATE_MISSING, [JSON.stringify(missing)]);
      const lines = await manager.query<PartialLine[]>(SELECT_PARTIAL, [wanted(missing)]);
      await manager.query(UPDATE_TOTAL, [JSON.stringify(suppliedTotals(lines))]);
    }
    await insertOutbox(manager, passages.flatMap(newsOf));
  }
}

function wanted(orders: readonly OrderAddress[]): string {
  const distinct = new Map(orders.map(({ tenant, id }) => [orderKey({ tenant, id }), { tenant, id }]));
  return JSON.stringify([...distinct.values()]);
}

function states(orders: readonly StandingOrder[]): string {
  return JSON.stringify(orders.map(({ tenant, id, status, reason, step }) => ({ tenant, id, status, reason, step })));
}

/** What the other apps are told: how an order ended, or that its stock is its own. */
function newsOf({ tenant, id, market, traceparent, status, reason }: StandingOrder): OutboxEvent[] {
  const type = EVENT_OF[status];
  if (type === undefined) return [];
  const data = { orderId: id, market, ...(reason === null ? {} : { reason }) };
  return [{ topic: TOPICS.orders, type, tenant, key: id, traceparent, data } as OutboxEvent];
}

function suppliedTotals(lines: readonly PartialLine[]) {
  const orders = new Map<string, { address: OrderAddress; total: string; lines: SuppliedLine[] }>();
  for (const { tenant, id, total, quantity, missing, net } of lines) {
    const key = orderKey({ tenant, id });
    const order = orders.get(key) ?? { address: { tenant, id }, total, lines: [] };
    order.lines.push({ quantity, missing, netMinor: Number(net) });
    orders.set(key, order);
  }
  return [...orders.values()].map(({ address, total, lines: supplied }) => ({
    ...address, total: suppliedTotalMinor(Number(total), supplied),
  }));
}

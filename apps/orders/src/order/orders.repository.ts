import { insertOutbox, type OutboxEvent } from '@aisle/events';
import type { Clock } from '@aisle/std';
import type { DataSource, EntityManager } from 'typeorm';
import { ChangeSet, orderKey, type Change, type ChangeResult, type OrderAddress, type StandingOrder } from './change-set.ts';
import { lineAmounts } from '../rows/line-amounts.ts';
import { storedOrders } from '../reading/stored-orders.repository.ts';
import { askerOf, integrationEventsOf } from './order-events.ts';

const COLUMNS = 'tenant, id, market, basket, traceparent, status, reason, step, step_by AS "stepBy", missing, at_risk AS "atRisk"';
const WANTED = 'json_to_recordset($1::json) AS wanted (tenant text, id text)';

// All transactions lock rows in the same order, so that none deadlocks.
const LOCK = `
  SELECT ${COLUMNS} FROM orders JOIN ${WANTED} USING (tenant, id)
  ORDER BY tenant, id FOR UPDATE OF orders`;

const UPDATE = `
  WITH history AS (
    INSERT INTO order_history (tenant, order_id, status, reason, at, by)
    SELECT tenant, id, status, reason, $3::timestamptz, by
    FROM json_to_recordset($2::json) AS passed (tenant text, id text, status text, reason text, by text)
    ON CONFLICT DO NOTHING
  )
  UPDATE orders SET status = changed.status, reason = changed.reason, step = changed.step,
    step_by = changed.step_by, missing = changed.missing,
    at_risk = changed.at_risk,
    -- Without a step it is due only while nobody has decided about it, and then when it was before.
    due_at = CASE WHEN changed.step IS NOT NULL THEN $4::timestamptz WHEN changed.status = 'PENDING' THEN due_at END
  FROM json_to_recordset($1::json) AS changed (
    tenant text, id text, status text, reason text, step text, step_by text, missing json, at_risk text[])
  WHERE orders.tenant = changed.tenant AND orders.id = changed.id`;

const UPDATE_PRICES = `
  WITH line AS (
    UPDATE order_line SET missing = final.missing, gross_minor = final.gross_minor, adjustments = final.adjustments::json,
      net_minor = final.net_minor, share_minor = final.share_minor, degraded = final.degraded, facts = final.facts::json
    FROM json_to_recordset($2::json) AS final (
      tenant text, id text, sku text, missing int, gross_minor bigint, adjustments text, net_minor bigint,
      share_minor bigint, degraded boolean, facts text)
    WHERE order_line.tenant = final.tenant AND order_line.order_id = final.id AND order_line.sku = final.sku
  )
  UPDATE orders SET total_minor = final.total, adjustments = final.adjustments::json, degraded = final.degraded,
    ordered = final.ordered::json
  FROM json_to_recordset($1::json) AS final (
    tenant text, id text, total bigint, adjustments text, degraded boolean, ordered text)
  WHERE orders.tenant = final.tenant AND orders.id = final.id`;

const TAKE_DUE = `
  UPDATE orders SET due_at = $2
  WHERE (tenant, id) IN (
    SELECT tenant, id FROM orders WHERE due_at <= $1 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
  RETURNING ${COLUMNS}`;

/** Changes the rows of orders, any number in one transaction. */
export class OrdersRepository {
  constructor(
    private readonly database: DataSource,
    private readonly options: {
      readonly clock: Clock;
      /** The time after which an unanswered step is due again. */
      readonly retryMs: number;
    },
  ) {}

  /** The present state of the orders, without those that do not exist. */
  async standing(orders: readonly OrderAddress[]): Promise<StandingOrder[]> {
    if (orders.length === 0) return [];
    return this.database.query(`SELECT ${COLUMNS} FROM orders JOIN ${WANTED} USING (tenant, id)`, [wanted(orders)]);
  }

  /** Applies the changes one after another, and commits all of them with their integration events. */
  async change(changes: readonly Change[]): Promise<ChangeResult[]> {
    if (changes.length === 0) return [];
    return this.database.transaction(async (manager) => {
      const set = new ChangeSet(await manager.query<StandingOrder[]>(LOCK, [wanted(changes)]));
      const outcomes = changes.map((change) => set.apply(change));
      await this.save(manager, set);
      return outcomes;
    });
  }

  /** Takes due orders, and postpones them by `retryMs`, so that other processes take others. */
  async takeDue(limit: number): Promise<StandingOrder[]> {
    const nowMs = this.options.clock.nowMs();
    const again = new Date(nowMs + this.options.retryMs);
    const [rows] = await this.database.query<[StandingOrder[], number]>(TAKE_DUE, [new Date(nowMs), again, limit]);
    return rows;
  }

  /** The time of the first due order, which may have passed, in milliseconds since 1970; undefined if none is due. */
  async firstDue(): Promise<number | undefined> {
    const [row] = await this.database.query<{ due: Date | null }[]>('SELECT min(due_at) AS due FROM orders');
    return row?.due?.getTime();
  }

  private async save(manager: EntityManager, set: ChangeSet): Promise<void> {
    const { changed, statusChanges, prices } = set;
    if (changed.length === 0) return;
    const nowMs = this.options.clock.nowMs();
    const again = new Date(nowMs + this.options.retryMs);
    await manager.query(UPDATE, [states(changed), JSON.stringify(statusChanges.map(passed)), new Date(nowMs), again]);
    if (prices.length > 0) await manager.query(UPDATE_PRICES, [orderPrices(prices), linePrices(prices)]);
    const confirmed = await storedOrders(manager, statusChanges.filter(({ status }) => status === 'CONFIRMED'));
    await insertOutbox(manager, statusChanges.flatMap((order): OutboxEvent[] => integrationEventsOf(order, confirmed.get(orderKey(order)))));
  }
}

function wanted(orders: readonly OrderAddress[]): string {
  const distinct = new Map(orders.map(({ tenant, id }) => [orderKey({ tenant, id }), { tenant, id }]));
  return JSON.stringify([...distinct.values()]);
}

function passed(order: StandingOrder) {
  const { tenant, id, status, reason } = order;
  return { tenant, id, status, reason, by: askerOf(order) };
}

function states(orders: readonly StandingOrder[]): string {
  return JSON.stringify(orders.map(({ tenant, id, status, reason, step, stepBy, missing, atRisk }) => ({
    tenant, id, status, reason, step, step_by: stepBy, missing, at_risk: atRisk,
  })));
}

function orderPrices(prices: ChangeSet['prices']): string {
  return JSON.stringify(prices.map(({ tenant, id, price: { total, adjustments, degraded = false, ordered } }) => ({
    tenant, id, total: total.amount, adjustments: JSON.stringify(adjustments), degraded, ordered: JSON.stringify(ordered),
  })));
}

function linePrices(prices: ChangeSet['prices']): string {
  return JSON.stringify(prices.flatMap(({ tenant, id, price }) => price.lines.map((line) => ({
    tenant, id, sku: line.sku, missing: line.missing ?? 0, ...lineAmounts(line),
  }))));
}

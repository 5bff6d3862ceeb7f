import { TOPICS } from '@aisle/contracts';
import { insertInbox, insertOutbox } from '@aisle/events';
import type { DataSource } from 'typeorm';
import { integrationEventOf, type StockDecision, type StockRequest } from './reservation.ts';

/** The name under which the inbox records handled events. */
const CONSUMER = 'reservations';

const INSERT_ENTRIES = `
  WITH entry AS (
    INSERT INTO ledger_entry (tenant, order_id, market, reason, event_id, at)
    SELECT tenant, order_id, market, reason, event_id, now()
    FROM json_to_recordset($1::json) AS decided (tenant text, order_id text, market text, reason text, event_id text)
  )
  INSERT INTO ledger_line (tenant, order_id, sku, reserved, missing)
  SELECT tenant, order_id, sku, reserved, missing
  FROM json_to_recordset($2::json) AS given (tenant text, order_id text, sku text, reserved int, missing int)`;

/** Stores decisions about the stock of orders. A decision is recorded once, together with its event for other apps, and never changes. */
export class LedgerRepository {
  constructor(private readonly database: DataSource) {}

  /** The ids of those events that have been handled before. */
  async handledEvents(orders: readonly StockRequest[]): Promise<ReadonlySet<string>> {
    if (orders.length === 0) return new Set();
    const rows = await this.database.query<{ id: string }[]>(
      'SELECT id FROM inbox WHERE consumer = $1 AND id = ANY ($2)', [CONSUMER, orders.map(({ eventId }) => eventId)],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Records decisions in one transaction. Resolves with the new ones; decisions about events handled before change nothing. */
  async record(decisions: readonly StockDecision[]): Promise<readonly StockDecision[]> {
    if (decisions.length === 0) return [];
    return this.database.transaction(async (manager) => {
      const ids = await insertInbox(manager, CONSUMER, decisions.map(({ eventId }) => eventId));
      // A batch may contain the same event twice.
      const fresh = [...new Map(decisions.map((one) => [one.eventId, one])).values()].filter((one) => ids.has(one.eventId));
      if (fresh.length === 0) return fresh;
      const entries = fresh.map(({ tenant, orderId: order_id, market, reason, eventId: event_id }) => ({
        tenant, order_id, market, reason, event_id,
      }));
      await manager.query(INSERT_ENTRIES, [JSON.stringify(entries), JSON.stringify(fresh.flatMap(lineRows))]);
      await insertOutbox(manager, fresh.map((one) => ({
        topic: TOPICS.inventory, key: one.orderId, tenant: one.tenant, traceparent: one.traceparent, ...integrationEventOf(one),
      })));
      return fresh;
    });
  }
}

function lineRows({ tenant, orderId: order_id, reserved, missing }: StockDecision) {
  const lines = new Map<string, { reserved: number; missing: number }>();
  const lineOf = (sku: string): { reserved: number; missing: number } => {
    const line = lines.get(sku) ?? { reserved: 0, missing: 0 };
    lines.set(sku, line);
    return line;
  };
  for (const { sku, quantity } of reserved) lineOf(sku).reserved += quantity;
  for (const { sku, quantity } of missing) lineOf(sku).missing += quantity;
  return [...lines].map(([sku, line]) => ({ tenant, order_id, sku, ...line }));
}

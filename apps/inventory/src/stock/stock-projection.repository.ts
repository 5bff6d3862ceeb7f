import type { EventHandler } from '@aisle/events';
import type { DataSource } from 'typeorm';

interface Movement {
  readonly tenant: string;
  readonly id: string;
  readonly market: string;
  readonly sku: string;
  readonly kind: string;
  readonly delta: number;
  readonly on_hand: number;
  readonly reserved: number;
  readonly reason: string | null;
  readonly order_id: string | null;
  readonly at: string;
  readonly position: number;
}

type MovementKey = Pick<Movement, 'tenant' | 'market' | 'id'>;

const MOVEMENT = `json_to_recordset($1::json) AS moved (
  tenant text, id text, market text, sku text, kind text, delta int, on_hand int, reserved int, reason text,
  order_id text, at timestamptz, position bigint)`;

const UNKNOWN = `
  SELECT tenant, market, id FROM ${MOVEMENT}
  WHERE NOT EXISTS (
    SELECT 1 FROM stock_movement known
    WHERE known.tenant = moved.tenant AND known.market = moved.market AND known.id = moved.id)`;

const UPSERT = `
  INSERT INTO inventory (tenant, market, sku, on_hand, reserved, position, updated_at)
  SELECT DISTINCT ON (tenant, market, sku) tenant, market, sku, on_hand, reserved, position, at FROM ${MOVEMENT}
  ORDER BY tenant, market, sku, position DESC
  ON CONFLICT (tenant, market, sku) DO UPDATE SET on_hand = excluded.on_hand, reserved = excluded.reserved,
    position = excluded.position, updated_at = excluded.updated_at
  WHERE inventory.position < excluded.position`;

const INSERT = `
  INSERT INTO stock_movement (tenant, id, market, sku, kind, delta, on_hand, reserved, reason, order_id, at)
  SELECT tenant, id, market, sku, kind, delta, on_hand, reserved, reason, order_id, at FROM ${MOVEMENT}
  ON CONFLICT DO NOTHING`;

/** A projection of the markets' stock: their movements, and the stock that results. */
export class StockProjectionRepository {
  constructor(private readonly database: DataSource) {}

  /** Handles events of the topic `markets`. A known movement changes nothing, however late it is redelivered. */
  readonly handle: EventHandler = async (events) => {
    const moved = events.flatMap(({ event, position }): Movement[] => {
      if (event.type !== 'StockMoved') return [];
      const { market, sku, movementId: id, kind, delta, onHand, reserved, reason, orderId, at } = event.data;
      const { tenant } = event;
      return [{ tenant, id, market, sku, kind, delta, on_hand: onHand, reserved, reason, order_id: orderId, at, position }];
    });
    if (moved.length === 0) return;
    await this.database.transaction(async (manager) => {
      const unknown = await manager.query<MovementKey[]>(UNKNOWN, [JSON.stringify(moved)]);
      const keys = new Set(unknown.map(keyOf));
      const fresh = JSON.stringify(moved.filter((movement) => keys.has(keyOf(movement))));
      await manager.query(UPSERT, [fresh]);
      await manager.query(INSERT, [fresh]);
    });
  };
}

function keyOf({ tenant, market, id }: MovementKey): string {
  return `${tenant}\n${market}\n${id}`;
}

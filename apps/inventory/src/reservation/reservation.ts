import type { ReserveReply, StockLine, StockRefusal } from '@aisle/contracts';
import type { AnyEvent } from '@aisle/events';

/** An order that wants its stock, as the event of it says. */
export interface Wanting {
  /** The event's own id. */
  readonly eventId: string;
  readonly tenant: string;
  readonly orderId: string;
  readonly market: string;
  readonly lines: readonly StockLine[];
  /** ISO 8601; uncommitted by then, the stock goes back. */
  readonly expiresAt: string;
  readonly allowPartial: boolean;
  readonly traceparent: string;
}

/** What the market has decided about it; nothing changes it any more. */
export interface Decided extends Wanting {
  /** Null when it has its stock. */
  readonly reason: StockRefusal | null;
  readonly reserved: readonly StockLine[];
  readonly missing: readonly StockLine[];
}

/** The order that an event is about; undefined for an event that asks for no stock. */
export function wantingOf(event: AnyEvent): Wanting | undefined {
  if (event.type !== 'OrderCreated') return undefined;
  const { id: eventId, tenant, traceparent } = event;
  const { orderId, market, expiresAt, allowPartial } = event.data;
  const lines = event.data.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return { eventId, tenant, orderId, market, lines, expiresAt, allowPartial, traceparent };
}

export function decidedBy(wanting: Wanting, reply: ReserveReply): Decided {
  return reply.outcome === 'reserved'
    ? { ...wanting, reason: null, reserved: reply.lines, missing: reply.missing }
    : { ...wanting, reason: reply.reason, reserved: [], missing: reply.missing };
}

/** What the other apps are told of it. */
export function newsOf({ orderId, market, reason, reserved, missing }: Decided) {
  return reason === null
    ? { type: 'InventoryUpdated' as const, data: { orderId, market, lines: [...reserved], missing: [...missing] } }
    : { type: 'InventoryRejected' as const, data: { orderId, market, reason, missing: [...missing] } };
}

import type { ReserveReply, StockLine, StockRefusal } from '@aisle/contracts';
import type { AnyEvent } from '@aisle/events';

/** An order's request for stock, from its event `OrderCreated`. */
export interface StockRequest {
  /** The id of the event. */
  readonly eventId: string;
  readonly tenant: string;
  readonly orderId: string;
  readonly market: string;
  readonly lines: readonly StockLine[];
  /** The stock is released at this instant (ISO 8601) unless it has been committed. */
  readonly expiresAt: string;
  readonly allowPartial: boolean;
  readonly traceparent: string;
}

/** The final decision of the market about a request. */
export interface StockDecision extends StockRequest {
  /** The reason of a rejection; null if stock is reserved. */
  readonly reason: StockRefusal | null;
  readonly reserved: readonly StockLine[];
  readonly missing: readonly StockLine[];
}

/** The request in an event; undefined for an event that requests no stock. */
export function stockRequestOf(event: AnyEvent): StockRequest | undefined {
  if (event.type !== 'OrderCreated') return undefined;
  const { id: eventId, tenant, traceparent } = event;
  const { orderId, market, expiresAt, allowPartial } = event.data;
  const lines = event.data.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return { eventId, tenant, orderId, market, lines, expiresAt, allowPartial, traceparent };
}

/** The decision in the market's reply to a request. */
export function decisionOf(request: StockRequest, reply: ReserveReply): StockDecision {
  return reply.outcome === 'reserved'
    ? { ...request, reason: null, reserved: reply.lines, missing: reply.missing }
    : { ...request, reason: reply.reason, reserved: [], missing: reply.missing };
}

/** The type and data of the event that tells other apps about a decision. */
export function integrationEventOf({ orderId, market, reason, reserved, missing }: StockDecision) {
  return reason === null
    ? { type: 'InventoryUpdated' as const, data: { orderId, market, lines: [...reserved], missing: [...missing] } }
    : { type: 'InventoryRejected' as const, data: { orderId, market, reason, missing: [...missing] } };
}

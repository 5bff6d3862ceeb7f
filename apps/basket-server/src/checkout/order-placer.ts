import { clientTo, type Requester } from '@aisle/broker';
import { OrderProtocol, type PlaceOrder, type PlaceReply } from '@aisle/contracts';

/** The address of an order, and the deadline of its caller in milliseconds since 1970. */
export interface OrderAddress {
  readonly tenant: string;
  readonly market: string;
  readonly orderId: string;
  readonly by?: string | undefined;
  readonly deadlineMs: number;
  readonly traceparent: string;
}

/** Places an order. Idempotent by the order's id; resolves when the order is in the database. */
export type OrderPlacer = (to: OrderAddress, order: PlaceOrder) => Promise<PlaceReply>;

/** Sends orders to any process of the app `orders`, with the order's id as the command id. */
export function orderPlacer(requester: Pick<Requester, 'request'>): OrderPlacer {
  return ({ tenant, market, orderId, by, deadlineMs, traceparent }, order) =>
    clientTo(requester, OrderProtocol, { market, order: orderId }, { id: orderId, tenant, by, deadlineMs, traceparent }).place(order);
}

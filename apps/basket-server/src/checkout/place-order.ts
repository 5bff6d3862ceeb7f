import { clientTo, type Requester } from '@aisle/broker';
import { OrderProtocol, type PlaceOrder, type PlaceReply } from '@aisle/contracts';

/** Which order of which market, and how long anybody waits for it. */
export interface OrderAddress {
  readonly tenant: string;
  readonly market: string;
  readonly orderId: string;
  readonly deadlineMs: number;
  readonly traceparent: string;
}

/** Has an order taken, once however often it is asked; resolves when it is in the database. */
export type Place = (to: OrderAddress, order: PlaceOrder) => Promise<PlaceReply>;

/** By whichever orders process is free. The order's id is the command's too. */
export function placeOrder(requester: Pick<Requester, 'request'>): Place {
  return ({ tenant, market, orderId, deadlineMs, traceparent }, order) =>
    clientTo(requester, OrderProtocol, { market, order: orderId }, { id: orderId, tenant, deadlineMs, traceparent }).place(order);
}

import { clientTo, type Requester } from '@aisle/broker';
import { StockProtocol, type ReserveReply } from '@aisle/contracts';
import { isFailure, type Runtime } from '@aisle/std';
import type { StockRequest } from './reservation.ts';

// Longer than a moved shard takes to come back, and short enough to repeat a request soon after its answer was lost.
const DEADLINE_MS = 3_000;

/** Requests the stock of orders from the markets. */
export class MarketStock {
  constructor(private readonly options: { readonly broker: Pick<Requester, 'request'>; readonly runtime: Runtime }) {}

  /**
   * Reserves the stock of an order. The command id follows from the order, so the market decides once however often the request is
   * repeated. Rejects with the failure of the market; after one that may pass, repeat the request.
   */
  async reserve(order: StockRequest): Promise<ReserveReply> {
    try {
      return await this.request(order);
    } catch (failure) {
      // A market that does not exist has no stock.
      if (!isFailure(failure) || failure.kind !== 'missing') throw failure;
      return { outcome: 'rejected', reason: 'out_of_stock', missing: order.lines };
    }
  }

  private request({ tenant, orderId, market, lines, expiresAt, allowPartial, traceparent }: StockRequest): Promise<ReserveReply> {
    const { broker, runtime } = this.options;
    const call = { id: `reserve/${orderId}`, tenant, traceparent, deadlineMs: runtime.clock.nowMs() + DEADLINE_MS };
    return clientTo(broker, StockProtocol, { market }, call).reserve({ orderId, lines, expiresAt, allowPartial });
  }
}

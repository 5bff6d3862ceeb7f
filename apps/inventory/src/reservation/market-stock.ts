import { clientTo, type Requester } from '@aisle/broker';
import { StockProtocol, type ReserveReply } from '@aisle/contracts';
import { isFailure, type Runtime } from '@aisle/std';
import type { Wanting } from './reservation.ts';

// Longer than a moved shard takes to be back; an answer that is lost is asked for again soon enough.
const DEADLINE_MS = 3_000;

/** Asks the markets for the stock of orders. */
export class MarketStock {
  constructor(private readonly options: { readonly broker: Pick<Requester, 'request'>; readonly runtime: Runtime }) {}

  /**
   * Under one command id for an order, so that it is decided once however often it is asked. Throws the market's
   * failure: when that is one that may pass, nothing is known and it has to be asked again.
   */
  async reserve(wanting: Wanting): Promise<ReserveReply> {
    try {
      return await this.request(wanting);
    } catch (failure) {
      // A market that nobody made has nothing.
      if (!isFailure(failure) || failure.kind !== 'missing') throw failure;
      return { outcome: 'rejected', reason: 'out_of_stock', missing: wanting.lines };
    }
  }

  private request({ tenant, orderId, market, lines, expiresAt, allowPartial, traceparent }: Wanting): Promise<ReserveReply> {
    const { broker, runtime } = this.options;
    const call = { id: `reserve/${orderId}`, tenant, traceparent, deadlineMs: runtime.clock.nowMs() + DEADLINE_MS };
    return clientTo(broker, StockProtocol, { market }, call).reserve({ orderId, lines, expiresAt, allowPartial });
  }
}

import type { EventHandler, FailedEvent, OutboxRelay, ReceivedEvent } from '@aisle/events';
import { traceIdOf, type Logger } from '@aisle/platform';
import type { LedgerRepository } from './ledger.repository.ts';
import type { MarketStock } from './market-stock.ts';
import { decisionOf, stockRequestOf, type StockDecision, type StockRequest } from './reservation.ts';

/** The parts of `Reservations`. */
export interface ReservationsOptions {
  readonly ledger: Pick<LedgerRepository, 'record' | 'handledEvents'>;
  readonly market: Pick<MarketStock, 'reserve'>;
  /** The relay that publishes recorded decisions. */
  readonly relay: Pick<OutboxRelay, 'hint'>;
  readonly logger: Logger;
}

type ReservationAttempt = { readonly decision: StockDecision } | { readonly failed: FailedEvent };

/** Reserves the stock of orders, from the events of the topic `orders`. */
export class Reservations {
  constructor(private readonly options: ReservationsOptions) {}

  /**
   * Sends the requests of a batch to the markets at once, without an open transaction, and then records their decisions in one
   * transaction. If the process dies in between, the events are redelivered, and the markets repeat their decisions.
   *
   * An event without a decision fails and is retried. An order is never rejected because a market did not answer.
   */
  readonly handle: EventHandler = async (events) => {
    const requests = events.flatMap((received) => {
      const order = stockRequestOf(received.event);
      return order === undefined ? [] : [{ received, order }];
    });
    const handled = await this.options.ledger.handledEvents(requests.map(({ order }) => order));
    const open = requests.filter(({ order }) => !handled.has(order.eventId));
    const attempts = await Promise.all(open.map(({ received, order }) => this.reserve(received, order)));
    const fresh = await this.options.ledger.record(attempts.flatMap((one) => ('decision' in one ? [one.decision] : [])));
    if (fresh.length > 0) this.options.relay.hint();
    for (const decision of fresh) this.log(decision);
    return { failed: attempts.flatMap((one) => ('failed' in one ? [one.failed] : [])) };
  };

  private async reserve(received: ReceivedEvent, order: StockRequest): Promise<ReservationAttempt> {
    try {
      return { decision: decisionOf(order, await this.options.market.reserve(order)) };
    } catch (error) {
      return { failed: { received, error } };
    }
  }

  private log({ orderId, market, reason, traceparent }: StockDecision): void {
    const traceId = traceIdOf(traceparent);
    this.options.logger.info(reason ? 'inventory rejected' : 'inventory updated', { orderId, market, ...(reason ? { reason } : {}), traceId });
  }
}

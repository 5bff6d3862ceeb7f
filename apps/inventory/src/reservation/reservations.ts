import type { EventHandler, FailedEvent, OutboxRelay, ReceivedEvent } from '@aisle/events';
import { traceIdOf, type Logger } from '@aisle/platform';
import type { LedgerRepository } from './ledger.repository.ts';
import type { MarketStock } from './market-stock.ts';
import { decidedBy, wantingOf, type Decided, type Wanting } from './reservation.ts';

export interface ReservationsOptions {
  readonly ledger: Pick<LedgerRepository, 'enter' | 'entered'>;
  readonly market: Pick<MarketStock, 'reserve'>;
  /** Publishes what is entered. */
  readonly relay: Pick<OutboxRelay, 'hint'>;
  readonly logger: Logger;
}

type Attempt = { readonly decided: Decided } | { readonly failed: FailedEvent };

/** Gets orders their stock: events of the topic `orders`, as many at once as there are. */
export class Reservations {
  constructor(private readonly options: ReservationsOptions) {}

  /**
   * Asks the markets for all of them at once, with no transaction open, and then enters what they have decided in one.
   * Whoever dies in between is given the events again, and the markets answer them alike. An order about which nothing
   * is known waits for its turn to come again; it is never rejected for that.
   */
  readonly handle: EventHandler = async (events) => {
    const wanting = events.flatMap((received) => {
      const order = wantingOf(received.event);
      return order === undefined ? [] : [{ received, order }];
    });
    const entered = await this.options.ledger.entered(wanting.map(({ order }) => order));
    const open = wanting.filter(({ order }) => !entered.has(order.eventId));
    const attempts = await Promise.all(open.map(({ received, order }) => this.reserve(received, order)));
    const fresh = await this.options.ledger.enter(attempts.flatMap((one) => ('decided' in one ? [one.decided] : [])));
    if (fresh.length > 0) this.options.relay.hint();
    for (const decided of fresh) this.log(decided);
    return { failed: attempts.flatMap((one) => ('failed' in one ? [one.failed] : [])) };
  };

  private async reserve(received: ReceivedEvent, order: Wanting): Promise<Attempt> {
    try {
      return { decided: decidedBy(order, await this.options.market.reserve(order)) };
    } catch (error) {
      return { failed: { received, error } };
    }
  }

  private log({ orderId, market, reason, traceparent }: Decided): void {
    const traceId = traceIdOf(traceparent);
    this.options.logger.info(reason ? 'inventory rejected' : 'inventory updated', { orderId, market, ...(reason ? { reason } : {}), traceId });
  }
}

import { Controller, Inject } from '@nestjs/common';
import type { EnvelopeHeader } from '@aisle/broker';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  BasketProtocol, PricesProtocol, type DocumentReply, type ChangeBasket, type Precondition, type PriceOrder, type PricedOrder, type QuoteRequest,
  type ReadJournal, type RestoreBasket,
} from '@aisle/contracts';
import { Baskets } from '../basket/baskets.ts';
import { Prices } from '../pricing/prices.ts';
import type { Pricer } from '../pricing/pricer.ts';
import { OrderPrices } from '../quote/order-prices.ts';
import { Quotes } from '../quote/quotes.ts';
import { addressOf } from './address.ts';

/** The messages of baskets and quotes, each to what answers it. */
@Controller()
export class BasketInbox {
  constructor(
    @Inject(Baskets) private readonly baskets: Baskets,
    @Inject(Quotes) private readonly quotes: Quotes,
    @Inject(Prices) private readonly prices: Prices,
    @Inject(OrderPrices) private readonly orderPrices: OrderPrices,
  ) {}

  @Handles(BasketProtocol.open)
  open({ ifMatch, ifNoneMatch }: Precondition, { envelope }: BrokerContext): Promise<DocumentReply> {
    const pricer = this.pricerFor(envelope);
    const command = { id: envelope.id, operations: [], opens: true, ifMatch, ifNoneMatch, pricer };
    return this.baskets.change(addressOf(envelope), command);
  }

  @Handles(BasketProtocol.read)
  read(_body: unknown, { envelope }: BrokerContext): Promise<DocumentReply> {
    return this.baskets.read(addressOf(envelope), this.pricerFor(envelope));
  }

  @Handles(BasketProtocol.change)
  change(body: ChangeBasket, { envelope }: BrokerContext): Promise<DocumentReply> {
    const pricer = this.pricerFor(envelope);
    return this.baskets.change(addressOf(envelope), { id: envelope.id, ...body, opens: false, pricer });
  }

  @Handles(BasketProtocol.journal)
  journal(page: ReadJournal, { envelope }: BrokerContext): Promise<DocumentReply> {
    return this.baskets.journal(addressOf(envelope), page, this.prices.at(envelope));
  }

  @Handles(PricesProtocol.quote)
  async quote({ items, canaryKey }: QuoteRequest, { envelope }: BrokerContext): Promise<DocumentReply> {
    return { json: JSON.stringify(await this.quotes.quote(this.prices.at(envelope, canaryKey), items)), version: 0 };
  }

  @Handles(PricesProtocol.price)
  price(body: PriceOrder, { envelope }: BrokerContext): Promise<PricedOrder> {
    return this.orderPrices.price(envelope, body);
  }

  @Handles(BasketProtocol.restore)
  restore(body: RestoreBasket, { envelope }: BrokerContext): Promise<DocumentReply> {
    const step = { kind: 'restore', ...body } as const;
    const pricer = this.pricerFor(envelope);
    return this.baskets.change(addressOf(envelope), { id: envelope.id, operations: [], opens: false, pricer, step });
  }

  /** A basket's canary key is its id. */
  private pricerFor(envelope: EnvelopeHeader): Pricer {
    return this.prices.at(envelope, envelope.actor);
  }
}

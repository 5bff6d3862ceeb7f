import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  BasketProtocol, PricesProtocol, type DocumentReply, type PriceOrder, type PricedOrder, type QuoteRequest, type ReadJournal,
} from '@aisle/contracts';
import { Baskets } from '../basket/baskets.ts';
import { Prices } from '../pricing/prices.ts';
import { OrderPrices } from '../quote/order-prices.ts';
import { Quotes } from '../quote/quotes.ts';
import { addressOf } from './address.ts';

/** Handles the messages about baskets and prices that no actor answers. */
@Controller()
export class BasketInbox {
  constructor(
    @Inject(Baskets) private readonly baskets: Baskets,
    @Inject(Quotes) private readonly quotes: Quotes,
    @Inject(Prices) private readonly prices: Prices,
    @Inject(OrderPrices) private readonly orderPrices: OrderPrices,
  ) {}

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
}

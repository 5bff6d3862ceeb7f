import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BrokerContext } from '@aisle/broker/nest';
import {
  BASKET_MESSAGES, type BasketReply, type ChangeBasket, type OpenBasket, type QuoteItems, type ReadJournal,
} from '@aisle/contracts';
import { Baskets } from '../basket/baskets.ts';
import { Prices } from '../pricing/prices.ts';
import { Quotes } from '../quote/quotes.ts';
import { addressOf } from './address.ts';

/** The messages of baskets and quotes, each to what answers it. */
@Controller()
export class BasketInbox {
  constructor(
    @Inject(Baskets) private readonly baskets: Baskets,
    @Inject(Quotes) private readonly quotes: Quotes,
    @Inject(Prices) private readonly prices: Prices,
  ) {}

  @MessagePattern(BASKET_MESSAGES.open)
  open(@Payload() { ifMatch, ifNoneMatch }: OpenBasket, @Ctx() { envelope }: BrokerContext): Promise<BasketReply> {
    const pricer = this.prices.at(envelope);
    const command = { id: envelope.id, operations: [], opens: true, ifMatch, ifNoneMatch, pricer };
    return this.baskets.change(addressOf(envelope), command);
  }

  @MessagePattern(BASKET_MESSAGES.read)
  read(@Payload() _body: unknown, @Ctx() { envelope }: BrokerContext): Promise<BasketReply> {
    return this.baskets.read(addressOf(envelope), this.prices.at(envelope));
  }

  @MessagePattern(BASKET_MESSAGES.change)
  change(@Payload() body: ChangeBasket, @Ctx() { envelope }: BrokerContext): Promise<BasketReply> {
    const pricer = this.prices.at(envelope);
    return this.baskets.change(addressOf(envelope), { id: envelope.id, ...body, opens: false, pricer });
  }

  @MessagePattern(BASKET_MESSAGES.journal)
  journal(@Payload() page: ReadJournal, @Ctx() { envelope }: BrokerContext): Promise<BasketReply> {
    return this.baskets.journal(addressOf(envelope), page, this.prices.at(envelope));
  }

  @MessagePattern(BASKET_MESSAGES.quote)
  async quote(@Payload() { items }: QuoteItems, @Ctx() { envelope }: BrokerContext): Promise<BasketReply> {
    return { json: JSON.stringify(await this.quotes.quote(this.prices.at(envelope), items)), version: 0 };
  }
}

import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { EnvelopeHeader } from '@aisle/broker';
import type { BrokerContext } from '@aisle/broker/nest';
import {
  BASKET_MESSAGES, type BasketReply, type ChangeBasket, type OpenBasket, type PriceOrder, type PricedOrder, type QuoteItems,
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

  @MessagePattern(BASKET_MESSAGES.open)
  open(@Payload() { ifMatch, ifNoneMatch }: OpenBasket, @Ctx() { envelope }: BrokerContext): Promise<BasketReply> {
    const pricer = this.pricerFor(envelope);
    const command = { id: envelope.id, operations: [], opens: true, ifMatch, ifNoneMatch, pricer };
    return this.baskets.change(addressOf(envelope), command);
  }

  @MessagePattern(BASKET_MESSAGES.read)
  read(@Payload() _body: unknown, @Ctx() { envelope }: BrokerContext): Promise<BasketReply> {
    return this.baskets.read(addressOf(envelope), this.pricerFor(envelope));
  }

  @MessagePattern(BASKET_MESSAGES.change)
  change(@Payload() body: ChangeBasket, @Ctx() { envelope }: BrokerContext): Promise<BasketReply> {
    const pricer = this.pricerFor(envelope);
    return this.baskets.change(addressOf(envelope), { id: envelope.id, ...body, opens: false, pricer });
  }

  @MessagePattern(BASKET_MESSAGES.journal)
  journal(@Payload() page: ReadJournal, @Ctx() { envelope }: BrokerContext): Promise<BasketReply> {
    return this.baskets.journal(addressOf(envelope), page, this.prices.at(envelope));
  }

  @MessagePattern(BASKET_MESSAGES.quote)
  async quote(@Payload() { items, canaryKey }: QuoteItems, @Ctx() { envelope }: BrokerContext): Promise<BasketReply> {
    return { json: JSON.stringify(await this.quotes.quote(this.prices.at(envelope, canaryKey), items)), version: 0 };
  }

  @MessagePattern(BASKET_MESSAGES.price)
  price(@Payload() body: PriceOrder, @Ctx() { envelope }: BrokerContext): Promise<PricedOrder> {
    return this.orderPrices.price(envelope, body);
  }

  @MessagePattern(BASKET_MESSAGES.restore)
  restore(@Payload() body: RestoreBasket, @Ctx() { envelope }: BrokerContext): Promise<BasketReply> {
    const step = { kind: 'restore', ...body } as const;
    const pricer = this.pricerFor(envelope);
    return this.baskets.change(addressOf(envelope), { id: envelope.id, operations: [], opens: false, pricer, step });
  }

  /** A basket's canary key is its id. */
  private pricerFor(envelope: EnvelopeHeader): Pricer {
    return this.prices.at(envelope, envelope.actor);
  }
}

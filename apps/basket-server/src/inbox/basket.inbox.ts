import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BrokerContext } from '@aisle/broker/nest';
import { BASKET_MESSAGES, type BasketReply, type ChangeBasket, type QuoteItems } from '@aisle/contracts';
import { Baskets, type BasketAddress } from '../basket/baskets.ts';
import { basketView } from '../basket/basket-view.ts';
import type { Basket } from '../basket/basket.ts';
import type { Pricer } from '../basket/pricer.ts';
import { Quotes } from '../quote/quotes.ts';

/** The messages of baskets and quotes, each to what answers it. */
@Controller()
export class BasketInbox {
  constructor(
    @Inject(Baskets) private readonly baskets: Baskets,
    @Inject(Quotes) private readonly quotes: Quotes,
  ) {}

  @MessagePattern(BASKET_MESSAGES.open)
  open(@Payload() _body: unknown, @Ctx() context: BrokerContext): BasketReply {
    const { created, ...opened } = this.baskets.open(addressOf(context));
    return { ...replyOf(context, opened), created };
  }

  @MessagePattern(BASKET_MESSAGES.read)
  read(@Payload() _body: unknown, @Ctx() context: BrokerContext): BasketReply {
    return replyOf(context, this.baskets.read(addressOf(context)));
  }

  @MessagePattern(BASKET_MESSAGES.change)
  change(@Payload() { operations }: ChangeBasket, @Ctx() context: BrokerContext): BasketReply {
    return replyOf(context, this.baskets.change(addressOf(context), operations));
  }

  @MessagePattern(BASKET_MESSAGES.quote)
  quote(@Payload() { items }: QuoteItems, @Ctx() context: BrokerContext): BasketReply {
    const { tenant, market } = context.envelope;
    return { json: JSON.stringify(this.quotes.quote({ tenant, market }, items)), version: 0 };
  }
}

function addressOf({ envelope }: BrokerContext): BasketAddress {
  return { tenant: envelope.tenant, market: envelope.market, basket: envelope.actor };
}

function replyOf(
  { envelope }: BrokerContext,
  { basket, pricer }: { basket: Basket; pricer: Pricer },
): BasketReply {
  const { id, currency } = pricer.market;
  return { json: JSON.stringify(basketView(envelope.actor, id, currency, basket)), version: basket.version };
}

import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BrokerContext } from '@aisle/broker/nest';
import {
  BASKET_MESSAGES, type AbsorbBasket, type AbsorbReply, type BasketReply, type MergeIntoBasket,
} from '@aisle/contracts';
import { Baskets } from '../basket/baskets.ts';
import { addressOf } from '../inbox/address.ts';
import { Prices } from '../pricing/prices.ts';
import { Merger } from './merger.ts';

/** The two sides of a merge: the basket that goes, and the one that takes its lines. */
@Controller()
export class MergeInbox {
  constructor(
    @Inject(Merger) private readonly merger: Merger,
    @Inject(Baskets) private readonly baskets: Baskets,
    @Inject(Prices) private readonly prices: Prices,
  ) {}

  @MessagePattern(BASKET_MESSAGES.merge)
  merge(@Payload() body: MergeIntoBasket, @Ctx() { envelope }: BrokerContext): Promise<BasketReply> {
    return this.merger.merge(addressOf(envelope), { mergeId: envelope.id, ...body }, envelope);
  }

  @MessagePattern(BASKET_MESSAGES.absorb)
  absorb(@Payload() body: AbsorbBasket, @Ctx() { envelope }: BrokerContext): Promise<AbsorbReply> {
    const { ifMatch, ifNoneMatch, ...lines } = body;
    return this.baskets.change(addressOf(envelope), {
      id: envelope.id, operations: [], opens: false, ifMatch, ifNoneMatch, pricer: this.prices.at(envelope, envelope.actor),
      step: { kind: 'absorb', ...lines },
    });
  }
}

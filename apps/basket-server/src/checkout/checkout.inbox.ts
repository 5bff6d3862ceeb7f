import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BrokerContext } from '@aisle/broker/nest';
import { BASKET_MESSAGES, type CheckOutBasket, type CheckoutReply } from '@aisle/contracts';
import { addressOf } from '../inbox/address.ts';
import { Checkouts } from './checkouts.ts';

/** The message that makes an order of a basket. */
@Controller()
export class CheckoutInbox {
  constructor(@Inject(Checkouts) private readonly checkouts: Checkouts) {}

  @MessagePattern(BASKET_MESSAGES.checkout)
  checkOut(@Payload() body: CheckOutBasket, @Ctx() { envelope }: BrokerContext): Promise<CheckoutReply> {
    const { id, deadlineMs, traceparent } = envelope;
    return this.checkouts.checkOut(addressOf(envelope), { ...body, id, deadlineMs, traceparent });
  }
}

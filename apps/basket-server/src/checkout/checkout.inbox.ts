import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import { BasketProtocol, type CheckOutBasket, type CheckoutReply } from '@aisle/contracts';
import { addressOf } from '../inbox/address.ts';
import { Checkouts } from './checkouts.ts';

/** Handles the message that makes an order of a basket. */
@Controller()
export class CheckoutInbox {
  constructor(@Inject(Checkouts) private readonly checkouts: Checkouts) {}

  @Handles(BasketProtocol.checkout)
  checkOut(body: CheckOutBasket, { envelope }: BrokerContext): Promise<CheckoutReply> {
    const { id, by, deadlineMs, traceparent } = envelope;
    return this.checkouts.checkOut(addressOf(envelope), { ...body, id, by, deadlineMs, traceparent });
  }
}

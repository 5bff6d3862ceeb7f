import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  BasketProtocol, type AbsorbBasket, type AbsorbReply, type DocumentReply, type MergeIntoBasket,
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

  @Handles(BasketProtocol.merge)
  merge(body: MergeIntoBasket, { envelope }: BrokerContext): Promise<DocumentReply> {
    return this.merger.merge(addressOf(envelope), { mergeId: envelope.id, ...body }, envelope);
  }

  @Handles(BasketProtocol.absorb)
  absorb(body: AbsorbBasket, { envelope }: BrokerContext): Promise<AbsorbReply> {
    const { ifMatch, ifNoneMatch, ...lines } = body;
    return this.baskets.change(addressOf(envelope), {
      id: envelope.id, operations: [], opens: false, ifMatch, ifNoneMatch, pricer: this.prices.at(envelope, envelope.actor),
      step: { kind: 'absorb', ...lines },
    });
  }
}

import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import { BasketProtocol, type DocumentReply, type MergeIntoBasket } from '@aisle/contracts';
import { addressOf } from '../inbox/address.ts';
import { Merger } from './merger.ts';

/** Handles the merge of a basket on this server into another one. The other basket's actor handles `absorb`. */
@Controller()
export class MergeInbox {
  constructor(@Inject(Merger) private readonly merger: Merger) {}

  @Handles(BasketProtocol.merge)
  merge(body: MergeIntoBasket, { envelope }: BrokerContext): Promise<DocumentReply> {
    return this.merger.merge(addressOf(envelope), { mergeId: envelope.id, ...body }, envelope);
  }
}

import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import { MarketProtocol, type DocumentReply, type ReadPage } from '@aisle/contracts';
import { MarketLists } from '../rows/market-lists.repository.ts';
import { documentOf } from './document.ts';

/** The messages about all markets; a market answers those about itself. */
@Controller()
export class MarketInbox {
  constructor(@Inject(MarketLists) private readonly lists: MarketLists) {}

  @Handles(MarketProtocol.list)
  async list(page: ReadPage, { envelope }: BrokerContext): Promise<DocumentReply> {
    return documentOf(await this.lists.markets(envelope.tenant, page));
  }
}

import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import { MarketProtocol, type DocumentReply, type ReadMarkets } from '@aisle/contracts';
import { MarketLists } from '../rows/market-lists.repository.ts';
import { documentOf } from './document.ts';

/** Handles the messages about all markets. A market's actor answers those about itself. */
@Controller()
export class MarketInbox {
  constructor(@Inject(MarketLists) private readonly lists: MarketLists) {}

  @Handles(MarketProtocol.list)
  async list(page: ReadMarkets, { envelope }: BrokerContext): Promise<DocumentReply> {
    return documentOf(await this.lists.markets(envelope.tenant, page));
  }
}

import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import { MarketProtocol, type ConfigureMarket, type DocumentReply, type ReadPage } from '@aisle/contracts';
import { MarketUnknown } from '../market/market-failures.ts';
import { marketView } from '../market/market-view.ts';
import { Markets } from '../market/markets.ts';
import { MarketLists } from '../rows/market-lists.repository.ts';
import { documentOf, marketOf, replyOf } from './document.ts';

/** The messages about markets as a whole. */
@Controller()
export class MarketInbox {
  constructor(
    @Inject(Markets) private readonly markets: Markets,
    @Inject(MarketLists) private readonly lists: MarketLists,
  ) {}

  @Handles(MarketProtocol.list)
  async list(page: ReadPage, { envelope }: BrokerContext): Promise<DocumentReply> {
    return documentOf(await this.lists.markets(envelope.tenant, page));
  }

  @Handles(MarketProtocol.read)
  read(_body: unknown, { envelope }: BrokerContext): Promise<DocumentReply> {
    const id = marketOf(envelope);
    return this.markets.read(id, ({ settings }) => {
      if (!settings) throw new MarketUnknown(id.market);
      return documentOf(marketView(id.market, settings), settings.version);
    });
  }

  @Handles(MarketProtocol.configure)
  async configure(body: ConfigureMarket, { envelope }: BrokerContext): Promise<DocumentReply> {
    return replyOf(await this.markets.run(marketOf(envelope), envelope, { kind: 'configure', ...body }));
  }
}

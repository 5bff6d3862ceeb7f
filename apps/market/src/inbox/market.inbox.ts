import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BrokerContext } from '@aisle/broker/nest';
import { MARKET_MESSAGES, type ConfigureMarket, type DocumentReply, type ReadPage } from '@aisle/contracts';
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

  @MessagePattern(MARKET_MESSAGES.list)
  async list(@Payload() page: ReadPage, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    return documentOf(await this.lists.markets(envelope.tenant, page));
  }

  @MessagePattern(MARKET_MESSAGES.read)
  read(@Payload() _body: unknown, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    const id = marketOf(envelope);
    return this.markets.read(id, ({ settings }) => {
      if (!settings) throw new MarketUnknown(id.market);
      return documentOf(marketView(id.market, settings), settings.version);
    });
  }

  @MessagePattern(MARKET_MESSAGES.configure)
  async configure(@Payload() body: ConfigureMarket, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    return replyOf(await this.markets.run(marketOf(envelope), envelope, { kind: 'configure', ...body }));
  }
}

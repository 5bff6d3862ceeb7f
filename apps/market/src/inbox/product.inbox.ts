import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { BrokerContext } from '@aisle/broker/nest';
import {
  MARKET_MESSAGES, type ChangeProduct, type CreateProduct, type DeleteProduct, type DocumentReply, type ImportProducts,
  type ImportReply, type ReadProduct, type ReadProducts, type ReplaceProduct,
} from '@aisle/contracts';
import { productView } from '../market/market-view.ts';
import { Markets } from '../market/markets.ts';
import { productIn } from '../product/product-commands.ts';
import { MarketLists } from '../rows/market-lists.repository.ts';
import { documentOf, marketOf, replyOf } from './document.ts';

/** The messages about what a market sells. */
@Controller()
export class ProductInbox {
  constructor(
    @Inject(Markets) private readonly markets: Markets,
    @Inject(MarketLists) private readonly lists: MarketLists,
  ) {}

  @MessagePattern(MARKET_MESSAGES.products)
  async list(@Payload() page: ReadProducts, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    return documentOf(await this.lists.products(marketOf(envelope), page));
  }

  @MessagePattern(MARKET_MESSAGES.readProduct)
  read(@Payload() { sku }: ReadProduct, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    const id = marketOf(envelope);
    return this.markets.read(id, (market) => {
      const { settings, product } = productIn(market, id.market, sku);
      return documentOf(productView(settings.currency, product), product.version);
    });
  }

  @MessagePattern(MARKET_MESSAGES.createProduct)
  async create(@Payload() body: CreateProduct, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    return replyOf(await this.markets.run(marketOf(envelope), envelope, { kind: 'create', ...body }));
  }

  @MessagePattern(MARKET_MESSAGES.replaceProduct)
  async replace(@Payload() body: ReplaceProduct, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    return replyOf(await this.markets.run(marketOf(envelope), envelope, { kind: 'replace', ...body }));
  }

  @MessagePattern(MARKET_MESSAGES.changeProduct)
  async change(@Payload() body: ChangeProduct, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    return replyOf(await this.markets.run(marketOf(envelope), envelope, { kind: 'change', ...body }));
  }

  @MessagePattern(MARKET_MESSAGES.deleteProduct)
  async delete(@Payload() body: DeleteProduct, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    return replyOf(await this.markets.run(marketOf(envelope), envelope, { kind: 'delete', ...body }));
  }

  @MessagePattern(MARKET_MESSAGES.importProducts)
  async import(@Payload() body: ImportProducts, @Ctx() { envelope }: BrokerContext): Promise<ImportReply> {
    const { outcome } = await this.markets.run(marketOf(envelope), envelope, { kind: 'import', ...body });
    return outcome as ImportReply;
  }
}

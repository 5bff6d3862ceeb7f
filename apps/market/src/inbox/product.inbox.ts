import { Controller, Inject } from '@nestjs/common';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  ProductProtocol, type ChangeProduct, type CreateProduct, type DeleteProduct, type DocumentReply, type ImportProducts,
  type ImportReply, type ReadProduct, type ReadProducts, type ReplaceProduct, type ScanCode,
} from '@aisle/contracts';
import { productView } from '../market/market-view.ts';
import { replyOf } from '../market/market.actor.ts';
import { Markets } from '../market/markets.ts';
import { productIn } from '../product/product-commands.ts';
import { productPage } from '../product/product-page.ts';
import { scanned } from '../product/scanned.ts';
import { documentOf, marketOf } from './document.ts';

/** Handles the messages about a market's products. */
@Controller()
export class ProductInbox {
  constructor(@Inject(Markets) private readonly markets: Markets) {}

  @Handles(ProductProtocol.list)
  list(page: ReadProducts, { envelope }: BrokerContext): Promise<DocumentReply> {
    const id = marketOf(envelope);
    return this.markets.read(id, (market) => documentOf(productPage(market, id.market, page), market.settings?.version));
  }

  @Handles(ProductProtocol.read)
  read({ sku }: ReadProduct, { envelope }: BrokerContext): Promise<DocumentReply> {
    const id = marketOf(envelope);
    return this.markets.read(id, (market) => {
      const { settings, product } = productIn(market, id.market, sku);
      return documentOf(productView(settings.currency, product), product.version);
    });
  }

  @Handles(ProductProtocol.scan)
  scan({ code }: ScanCode, { envelope }: BrokerContext): Promise<DocumentReply> {
    const id = marketOf(envelope);
    return this.markets.read(id, (market) => documentOf(scanned(market, id.market, code, this.markets.todayIn(market))));
  }

  @Handles(ProductProtocol.create)
  async create(body: CreateProduct, { envelope }: BrokerContext): Promise<DocumentReply> {
    return replyOf(await this.markets.run(marketOf(envelope), envelope, { kind: 'create', ...body }));
  }

  @Handles(ProductProtocol.replace)
  async replace(body: ReplaceProduct, { envelope }: BrokerContext): Promise<DocumentReply> {
    return replyOf(await this.markets.run(marketOf(envelope), envelope, { kind: 'replace', ...body }));
  }

  @Handles(ProductProtocol.change)
  async change(body: ChangeProduct, { envelope }: BrokerContext): Promise<DocumentReply> {
    return replyOf(await this.markets.run(marketOf(envelope), envelope, { kind: 'change', ...body }));
  }

  @Handles(ProductProtocol.delete)
  async delete(body: DeleteProduct, { envelope }: BrokerContext): Promise<DocumentReply> {
    return replyOf(await this.markets.run(marketOf(envelope), envelope, { kind: 'delete', ...body }));
  }

  @Handles(ProductProtocol.import)
  async import(body: ImportProducts, { envelope }: BrokerContext): Promise<ImportReply> {
    const { outcome } = await this.markets.run(marketOf(envelope), envelope, { kind: 'import', ...body });
    return outcome as ImportReply;
  }
}

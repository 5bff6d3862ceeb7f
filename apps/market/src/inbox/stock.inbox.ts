import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import type { EnvelopeHeader } from '@aisle/broker';
import type { BrokerContext } from '@aisle/broker/nest';
import {
  MARKET_MESSAGES, STOCK_MESSAGES, type AdjustStock, type AgeLots, type DocumentReply, type ExpireOrders, type OrderStock,
  type ReadMovements, type ReadPage, type ReadProduct, type ReadReservations, type ReleaseStock, type ReserveReply,
  type ReserveStock, type StockReply,
} from '@aisle/contracts';
import { isFailure } from '@aisle/std';
import { Deadlines } from '../expiry/deadlines.ts';
import type { Action } from '../market/command.ts';
import { stockView } from '../market/market-view.ts';
import { Markets } from '../market/markets.ts';
import { productIn } from '../product/product-commands.ts';
import { MarketLists } from '../rows/market-lists.repository.ts';
import { documentOf, marketOf, replyOf } from './document.ts';
import { OrderLog } from './order-log.ts';

/** The messages about what there is of a product, and what orders have of it. */
@Controller()
export class StockInbox {
  constructor(
    @Inject(Markets) private readonly markets: Markets,
    @Inject(MarketLists) private readonly lists: MarketLists,
    @Inject(Deadlines) private readonly deadlines: Deadlines,
    @Inject(OrderLog) private readonly log: OrderLog,
  ) {}

  @MessagePattern(STOCK_MESSAGES.reserve)
  async reserve(@Payload() order: ReserveStock, @Ctx() { envelope }: BrokerContext): Promise<ReserveReply> {
    const reply = await this.askedOrder<ReserveReply>(envelope, { kind: 'reserve', order });
    if (reply.outcome === 'reserved') this.deadlines.add(marketOf(envelope), Date.parse(order.expiresAt));
    return reply;
  }

  @MessagePattern(STOCK_MESSAGES.commit)
  commit(@Payload() order: OrderStock, @Ctx() { envelope }: BrokerContext): Promise<StockReply> {
    return this.askedOrder(envelope, { kind: 'commit', order });
  }

  @MessagePattern(STOCK_MESSAGES.release)
  release(@Payload() order: ReleaseStock, @Ctx() { envelope }: BrokerContext): Promise<StockReply> {
    return this.askedOrder(envelope, { kind: 'release', order });
  }

  @MessagePattern(STOCK_MESSAGES.fulfil)
  fulfil(@Payload() order: OrderStock, @Ctx() { envelope }: BrokerContext): Promise<StockReply> {
    return this.askedOrder(envelope, { kind: 'fulfil', order });
  }

  @MessagePattern(MARKET_MESSAGES.stock)
  read(@Payload() { sku }: ReadProduct, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    const id = marketOf(envelope);
    return this.markets.read(id, (market) => {
      const { product } = productIn(market, id.market, sku);
      return documentOf(stockView(product, this.markets.today), product.version);
    });
  }

  @MessagePattern(MARKET_MESSAGES.adjust)
  async adjust(@Payload() body: AdjustStock, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    return replyOf(await this.markets.run(marketOf(envelope), envelope, { kind: 'adjust', ...body }));
  }

  @MessagePattern(MARKET_MESSAGES.movements)
  async movements(@Payload() page: ReadMovements, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    return documentOf(await this.lists.movements(marketOf(envelope), page));
  }

  @MessagePattern(MARKET_MESSAGES.alerts)
  async alerts(@Payload() page: ReadPage, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    return documentOf(await this.lists.alerts(marketOf(envelope), page, this.markets.today));
  }

  @MessagePattern(MARKET_MESSAGES.reservations)
  async reservations(@Payload() page: ReadReservations, @Ctx() { envelope }: BrokerContext): Promise<DocumentReply> {
    return documentOf(await this.lists.reservations(marketOf(envelope), page));
  }

  @MessagePattern(MARKET_MESSAGES.expire)
  async expire(@Payload() body: ExpireOrders, @Ctx() { envelope }: BrokerContext): Promise<void> {
    await this.ifDue(envelope, { kind: 'expire', ...body });
  }

  @MessagePattern(MARKET_MESSAGES.age)
  async age(@Payload() body: AgeLots, @Ctx() { envelope }: BrokerContext): Promise<void> {
    await this.ifDue(envelope, { kind: 'age', ...body });
  }

  private async askedOrder<R extends ReserveReply | StockReply>(
    envelope: EnvelopeHeader, action: Extract<Action, { order: unknown }>,
  ): Promise<R> {
    const { outcome } = await this.markets.run(marketOf(envelope), envelope, action);
    const reply = outcome as R;
    this.log.asked(envelope, action, reply);
    return reply;
  }

  /** Who woke too late, or a second time, has nothing to do. */
  private async ifDue(envelope: EnvelopeHeader, action: Action): Promise<void> {
    try {
      await this.markets.run(marketOf(envelope), envelope, action);
    } catch (failure) {
      if (!isFailure(failure) || failure.code !== 'stock.nothing_due') throw failure;
    }
  }
}

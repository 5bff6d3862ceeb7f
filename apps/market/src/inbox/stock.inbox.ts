import { Controller, Inject } from '@nestjs/common';
import type { EnvelopeHeader } from '@aisle/broker';
import { Handles, type BrokerContext } from '@aisle/broker/nest';
import {
  StockProtocol, type AdjustStock, type AgeLots, type DocumentReply, type ExpireOrders, type OrderStock,
  type ReadMovements, type ReadPage, type ReadProduct, type ReadReservations, type ReleaseStock, type ReserveReply,
  type ReserveStock, type StockReply,
} from '@aisle/contracts';
import { ReservationDeadlines } from '../expiry/reservation-deadlines.ts';
import type { Action } from '../market/command.ts';
import { stockView } from '../market/market-view.ts';
import { replyOf } from '../market/market.actor.ts';
import { Markets } from '../market/markets.ts';
import { productIn } from '../product/product-commands.ts';
import { MarketLists } from '../rows/market-lists.repository.ts';
import { StockFailure } from '../stock/stock-failures.ts';
import { documentOf, marketOf } from './document.ts';
import { OrderLog } from './order-log.ts';

/** Handles the messages about a market's stock, and about the stock of orders. */
@Controller()
export class StockInbox {
  constructor(
    @Inject(Markets) private readonly markets: Markets,
    @Inject(MarketLists) private readonly lists: MarketLists,
    @Inject(ReservationDeadlines) private readonly deadlines: ReservationDeadlines,
    @Inject(OrderLog) private readonly log: OrderLog,
  ) {}

  @Handles(StockProtocol.reserve)
  async reserve(order: ReserveStock, { envelope }: BrokerContext): Promise<ReserveReply> {
    const reply = await this.actOnOrder<ReserveReply>(envelope, { kind: 'reserve', order });
    if (reply.outcome === 'reserved') this.deadlines.add(marketOf(envelope), Date.parse(order.expiresAt));
    return reply;
  }

  @Handles(StockProtocol.commit)
  commit(order: OrderStock, { envelope }: BrokerContext): Promise<StockReply> {
    return this.actOnOrder(envelope, { kind: 'commit', order });
  }

  @Handles(StockProtocol.release)
  release(order: ReleaseStock, { envelope }: BrokerContext): Promise<StockReply> {
    return this.actOnOrder(envelope, { kind: 'release', order });
  }

  @Handles(StockProtocol.fulfil)
  fulfil(order: OrderStock, { envelope }: BrokerContext): Promise<StockReply> {
    return this.actOnOrder(envelope, { kind: 'fulfil', order });
  }

  @Handles(StockProtocol.read)
  read({ sku }: ReadProduct, { envelope }: BrokerContext): Promise<DocumentReply> {
    const id = marketOf(envelope);
    return this.markets.read(id, (market) => {
      const { product } = productIn(market, id.market, sku);
      return documentOf(stockView(product, this.markets.todayIn(market)), product.version);
    });
  }

  @Handles(StockProtocol.adjust)
  async adjust(body: AdjustStock, { envelope }: BrokerContext): Promise<DocumentReply> {
    return replyOf(await this.markets.run(marketOf(envelope), envelope, { kind: 'adjust', ...body }));
  }

  @Handles(StockProtocol.movements)
  async movements(page: ReadMovements, { envelope }: BrokerContext): Promise<DocumentReply> {
    return documentOf(await this.lists.movements(marketOf(envelope), page));
  }

  @Handles(StockProtocol.alerts)
  async alerts(page: ReadPage, { envelope }: BrokerContext): Promise<DocumentReply> {
    return documentOf(await this.lists.alerts(marketOf(envelope), page, this.markets.now));
  }

  @Handles(StockProtocol.reservations)
  async reservations(page: ReadReservations, { envelope }: BrokerContext): Promise<DocumentReply> {
    return documentOf(await this.lists.reservations(marketOf(envelope), page));
  }

  @Handles(StockProtocol.expire)
  async expire(body: ExpireOrders, { envelope }: BrokerContext): Promise<void> {
    await this.ifDue(envelope, { kind: 'expire', ...body });
  }

  @Handles(StockProtocol.age)
  async age(body: AgeLots, { envelope }: BrokerContext): Promise<void> {
    await this.ifDue(envelope, { kind: 'age', ...body });
  }

  private async actOnOrder<R extends ReserveReply | StockReply>(
    envelope: EnvelopeHeader, action: Extract<Action, { order: unknown }>,
  ): Promise<R> {
    const { outcome } = await this.markets.run(marketOf(envelope), envelope, action);
    const reply = outcome as R;
    this.log.write(envelope, action, reply);
    return reply;
  }

  /** Runs an action of a wake-up or a sweep. A late or repeated one finds nothing due, which is no failure here. */
  private async ifDue(envelope: EnvelopeHeader, action: Action): Promise<void> {
    try {
      await this.markets.run(marketOf(envelope), envelope, action);
    } catch (failure) {
      if (!StockFailure.nothingDue.is(failure)) throw failure;
    }
  }
}

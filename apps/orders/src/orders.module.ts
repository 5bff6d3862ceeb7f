import { OrderProtocol, TOPICS } from '@aisle/contracts';
import { OutboxRelay } from '@aisle/events';
import { AppEventsModule, DatabaseModule, QueueModule, RequestsModule, provided } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { OrderInbox } from './inbox/order.inbox.ts';
import { OrderChanges } from './order/order-changes.ts';
import { OrderOperations } from './order/order-operations.ts';
import { CONTEXT, type OrdersConfig } from './orders.config.ts';
import { OrderPlacing } from './placing/order-placing.ts';
import { PlacingRepository } from './placing/placing.repository.ts';
import { OrderPrices } from './pricing/order-prices.ts';
import { OrderReads } from './reading/order-reads.ts';
import { ReadingModule, repository } from './reading/reading.module.ts';
import { OrderHistoryRow } from './rows/order-history.row.ts';
import { OrderRow } from './rows/order.row.ts';
import { OrderDeadlines } from './steps/order-deadlines.ts';
import { OrderSteps } from './steps/order-steps.ts';
import { StepsModule } from './steps/steps.module.ts';
import { EventFollower } from './stock/event-follower.ts';
import { StockModule } from './stock/stock.module.ts';

/** The number of concurrent lists. It leaves most connections to open orders. */
const LISTS_AT_ONCE = 2;

@Module({
  imports: [
    DatabaseModule.forRoot(({ DATABASE_POOL_MAX: poolMax }: OrdersConfig) => ({ poolMax, entities: [OrderRow, OrderHistoryRow] })),
    RequestsModule,
    AppEventsModule.forRoot({
      publishes: { [TOPICS.orders]: ['inventory'] },
      consumers: [{ name: 'orders', topics: [TOPICS.inventory, TOPICS.markets], handler: EventFollower }],
      imports: [StockModule],
    }),
    // New orders stop first, since open ones still need the other apps.
    QueueModule.forRoot({ queue: OrderProtocol.place.queue, protocols: [OrderProtocol], turns: LISTS_AT_ONCE, closesIn: 'intake' }),
    ReadingModule,
    StepsModule,
  ],
  controllers: [OrderInbox],
  providers: [
    repository(PlacingRepository),
    provided(OrderOperations, { changes: OrderChanges, steps: OrderSteps, reads: OrderReads }),
    provided(OrderPlacing, {
      repository: PlacingRepository, reads: OrderReads, relay: OutboxRelay, deadlines: OrderDeadlines, prices: OrderPrices, context: CONTEXT,
    }, ({ context: { runtime, logger, config: { ORDER_TIMEOUT_MS: timeoutMs } }, ...parts }) =>
      new OrderPlacing({ ...parts, runtime, logger, timeoutMs })),
  ],
})
export class OrdersModule {}

import { MarketProtocol, ProductProtocol, StockProtocol, TOPICS } from '@aisle/contracts';
import { OutboxRelay } from '@aisle/events';
import { Journal } from '@aisle/journal';
import { AppEventsModule, LOGGER, QueueModule, RequestsModule, provided } from '@aisle/platform';
import { Inject, Module } from '@nestjs/common';
import { ExpiryModule } from './expiry/expiry.module.ts';
import { MarketInbox } from './inbox/market.inbox.ts';
import { OrderLog } from './inbox/order-log.ts';
import { ProductInbox } from './inbox/product.inbox.ts';
import { StockInbox } from './inbox/stock.inbox.ts';
import type { MarketConfig } from './market.config.ts';
import { Markets } from './market/markets.ts';
import { MarketsModule } from './market/markets.module.ts';

@Module({
  imports: [
    RequestsModule,
    AppEventsModule.forRoot({ publishes: { [TOPICS.markets]: ['basket-catalogue', 'inventory-stock', 'orders'] } }),
    QueueModule.forActors({
      protocols: [MarketProtocol, ProductProtocol, StockProtocol], actors: Markets, imports: [MarketsModule],
      // Lists leave one connection free, for loads of markets.
      turns: ({ DATABASE_POOL_MAX }: MarketConfig) => Math.max(1, DATABASE_POOL_MAX - 1),
    }),
    MarketsModule,
    ExpiryModule,
  ],
  controllers: [MarketInbox, ProductInbox, StockInbox],
  providers: [provided(OrderLog, [LOGGER])],
})
export class MarketModule {
  constructor(@Inject(Journal) journal: Journal, @Inject(OutboxRelay) relay: OutboxRelay) {
    // A trigger writes the events of each commit.
    journal.onCommit(() => relay.hint());
  }
}

import { BasketProtocol, PricesProtocol, SandboxProtocol, TOPICS } from '@aisle/contracts';
import { AppEventsModule, DatabaseModule, QueueModule, RequestsModule } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { Baskets } from './basket/baskets.ts';
import { BasketsModule } from './basket/baskets.module.ts';
import { CatalogueProjection } from './catalogue/catalogue-projection.ts';
import { CatalogueModule } from './catalogue/catalogue.module.ts';
import { CheckoutModule } from './checkout/checkout.module.ts';
import { ExpiryModule } from './expiry/expiry.module.ts';
import { BasketInbox } from './inbox/basket.inbox.ts';
import { MergeModule } from './merge/merge.module.ts';
import { StrategyInbox } from './strategy/strategy.inbox.ts';

/** Histories are read with connections that rules, the catalogue and baskets are read by as well. */
const HISTORIES_AT_ONCE = 2;

@Module({
  imports: [
    // A start has time; a command waits for none of these connections. One listens for new rules.
    DatabaseModule.forRoot(() => ({ poolMax: 3, connectTimeoutMs: 30_000 })),
    RequestsModule,
    AppEventsModule.forRoot({
      consumers: [{ name: 'basket-catalogue', topics: [TOPICS.markets], handler: CatalogueProjection, stopsIn: 'followers' }],
      imports: [CatalogueModule],
    }),
    QueueModule.forActors({
      protocols: [BasketProtocol, PricesProtocol, SandboxProtocol], actors: Baskets, imports: [BasketsModule], turns: () => HISTORIES_AT_ONCE,
    }),
    BasketsModule,
    CheckoutModule,
    MergeModule,
    ExpiryModule,
  ],
  controllers: [BasketInbox, StrategyInbox],
})
export class BasketServerModule {}

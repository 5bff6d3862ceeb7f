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

/** Reads of histories share their connections with reads of rules, the catalogue and baskets; this limit leaves some free. */
const HISTORIES_AT_ONCE = 2;

@Module({
  imports: [
    // The time-out is long, because only starts and background reads wait for these connections. One of the three listens for new rules.
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

import { Module, type DynamicModule } from '@nestjs/common';
import { Baskets } from './basket/baskets.ts';
import { CheckoutInbox } from './checkout/checkout.inbox.ts';
import { Checkouts } from './checkout/checkouts.ts';
import { MergeInbox } from './merge/merge.inbox.ts';
import { Merger } from './merge/merger.ts';
import { Prices } from './pricing/prices.ts';
import { BasketInbox } from './inbox/basket.inbox.ts';
import { OrderPrices } from './quote/order-prices.ts';
import { Quotes } from './quote/quotes.ts';
import { Strategies } from './strategy/strategies.ts';
import { StrategyInbox } from './strategy/strategy.inbox.ts';

/** What answers the messages. */
export interface BasketServerParts {
  readonly baskets: Baskets;
  readonly prices: Prices;
  readonly merger: Merger;
  readonly checkouts: Checkouts;
  readonly strategies: Strategies;
  readonly orderPrices: OrderPrices;
  readonly quotes: Quotes;
}

@Module({})
export class BasketServerModule {
  static with({ baskets, prices, merger, checkouts, strategies, orderPrices, quotes }: BasketServerParts): DynamicModule {
    return {
      module: BasketServerModule,
      controllers: [BasketInbox, MergeInbox, CheckoutInbox, StrategyInbox],
      providers: [
        { provide: Quotes, useValue: quotes },
        { provide: OrderPrices, useValue: orderPrices },
        { provide: Baskets, useValue: baskets },
        { provide: Prices, useValue: prices },
        { provide: Merger, useValue: merger },
        { provide: Checkouts, useValue: checkouts },
        { provide: Strategies, useValue: strategies },
      ],
    };
  }
}

import { APP_CONTEXT } from '@aisle/platform';
import { Module } from '@nestjs/common';
import type { BasketServerContext } from '../basket-server.config.ts';
import { CatalogueInForce } from '../catalogue/catalogue-in-force.ts';
import { CatalogueModule } from '../catalogue/catalogue.module.ts';
import { OrderPrices } from '../quote/order-prices.ts';
import { Quotes } from '../quote/quotes.ts';
import { RulesInForce } from '../strategy/rules-in-force.ts';
import { StrategyModule } from '../strategy/strategy.module.ts';
import { PriceReport } from './price-report.ts';
import { Prices } from './prices.ts';

/** Prices: of baskets, of quotes and of orders. */
@Module({
  imports: [CatalogueModule, StrategyModule],
  providers: [
    {
      provide: Quotes,
      inject: [APP_CONTEXT],
      useFactory: ({ runtime }: BasketServerContext) => new Quotes(runtime),
    },
    {
      provide: Prices,
      inject: [RulesInForce, CatalogueInForce, APP_CONTEXT, PriceReport],
      useFactory: (rules: RulesInForce, shelves: CatalogueInForce, { runtime }: BasketServerContext, report: PriceReport) =>
        new Prices(rules, shelves, runtime.clock, report),
    },
    {
      provide: OrderPrices,
      inject: [Prices, RulesInForce, APP_CONTEXT],
      useFactory: (prices: Prices, rules: RulesInForce, { runtime }: BasketServerContext) => new OrderPrices({ prices, rules, runtime }),
    },
  ],
  exports: [Prices, OrderPrices, Quotes, StrategyModule],
})
export class PricingModule {}

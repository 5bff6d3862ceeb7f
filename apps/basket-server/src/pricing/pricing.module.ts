import { RUNTIME, provided } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { CatalogueFollower } from '../catalogue/catalogue-follower.ts';
import { CatalogueModule } from '../catalogue/catalogue.module.ts';
import { OrderPrices } from '../quote/order-prices.ts';
import { Quotes } from '../quote/quotes.ts';
import { RulesFollower } from '../strategy/rules-follower.ts';
import { StrategyModule } from '../strategy/strategy.module.ts';
import { PriceReport } from './price-report.ts';
import { Prices } from './prices.ts';

/** Prices of baskets, quotes and orders. */
@Module({
  imports: [CatalogueModule, StrategyModule],
  providers: [
    provided(Quotes, [RUNTIME]),
    provided(Prices, { rules: RulesFollower, source: CatalogueFollower, runtime: RUNTIME, report: PriceReport },
      ({ rules, source, runtime: { clock }, report }) => new Prices(rules, source, clock, report)),
    provided(OrderPrices, { prices: Prices, rules: RulesFollower, runtime: RUNTIME }),
  ],
  exports: [Prices, OrderPrices, Quotes, StrategyModule],
})
export class PricingModule {}

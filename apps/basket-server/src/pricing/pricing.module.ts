import { RUNTIME, provided } from '@aisle/platform';
import { Module } from '@nestjs/common';
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
    provided(Quotes, [RUNTIME]),
    provided(Prices, { rules: RulesInForce, shelves: CatalogueInForce, runtime: RUNTIME, report: PriceReport },
      ({ rules, shelves, runtime: { clock }, report }) => new Prices(rules, shelves, clock, report)),
    provided(OrderPrices, { prices: Prices, rules: RulesInForce, runtime: RUNTIME }),
  ],
  exports: [Prices, OrderPrices, Quotes, StrategyModule],
})
export class PricingModule {}

import { Requester } from '@aisle/broker';
import { APP_CONTEXT } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { errorFields } from '@aisle/telemetry';
import type { BasketServerContext } from '../basket-server.config.ts';
import { Baskets } from '../basket/baskets.ts';
import { BasketsModule } from '../basket/baskets.module.ts';
import { PriceReport } from '../pricing/price-report.ts';
import { Prices } from '../pricing/prices.ts';
import { CheckoutInbox } from './checkout.inbox.ts';
import { Checkouts } from './checkouts.ts';
import { placeOrder } from './place-order.ts';
import { PlacedOrders } from './placed-orders.ts';
import { UnplacedCheckouts } from './unplaced-checkouts.ts';

/** Baskets that become orders. */
@Module({
  imports: [BasketsModule],
  controllers: [CheckoutInbox],
  providers: [
    PlacedOrders,
    {
      provide: Checkouts,
      inject: [Baskets, Prices, Requester, PlacedOrders, PriceReport, APP_CONTEXT],
      useFactory: (
        baskets: Baskets, prices: Prices, requester: Requester, placed: PlacedOrders, report: PriceReport, { runtime }: BasketServerContext,
      ) => new Checkouts({ baskets, prices, place: placeOrder(requester), placed, runtime, report }),
    },
    {
      provide: UnplacedCheckouts,
      inject: [Requester, PlacedOrders, Prices, APP_CONTEXT],
      useFactory: (requester: Requester, placed: PlacedOrders, prices: Prices, { runtime, logger }: BasketServerContext) =>
        new UnplacedCheckouts({
          place: placeOrder(requester), placed, prices, runtime,
          onRefused: (orderId, failure) => logger.error('order refused for good', { orderId, ...errorFields(failure) }),
        }),
    },
  ],
  exports: [UnplacedCheckouts],
})
export class CheckoutModule {}

import { Requester } from '@aisle/broker';
import { LOGGER, RUNTIME, errorFields, provided, token } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { Baskets } from '../basket/baskets.ts';
import { BasketsModule } from '../basket/baskets.module.ts';
import { PriceReport } from '../pricing/price-report.ts';
import { Prices } from '../pricing/prices.ts';
import { CheckoutInbox } from './checkout.inbox.ts';
import { Checkouts } from './checkouts.ts';
import { orderPlacer, type OrderPlacer } from './order-placer.ts';
import { PlacedOrderIds } from './placed-order-ids.ts';
import { UnplacedCheckouts } from './unplaced-checkouts.ts';

const ORDER_PLACER = token<OrderPlacer>('order placer');

/** Checkouts of baskets, and the orders that they place. */
@Module({
  imports: [BasketsModule],
  controllers: [CheckoutInbox],
  providers: [
    PlacedOrderIds,
    provided(ORDER_PLACER, { requester: Requester }, ({ requester }) => orderPlacer(requester)),
    provided(Checkouts, { baskets: Baskets, prices: Prices, place: ORDER_PLACER, placed: PlacedOrderIds, report: PriceReport, runtime: RUNTIME }),
    provided(UnplacedCheckouts, { place: ORDER_PLACER, placed: PlacedOrderIds, prices: Prices, runtime: RUNTIME, logger: LOGGER },
      ({ logger, ...parts }) => new UnplacedCheckouts({
        ...parts, onRefused: (orderId, failure) => logger.error('order refused for good', { orderId, ...errorFields(failure) }),
      })),
  ],
  exports: [UnplacedCheckouts],
})
export class CheckoutModule {}

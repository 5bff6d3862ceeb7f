import { Requester } from '@aisle/broker';
import { LOGGER, RUNTIME, errorFields, provided, token } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { Baskets } from '../basket/baskets.ts';
import { BasketsModule } from '../basket/baskets.module.ts';
import { PriceReport } from '../pricing/price-report.ts';
import { Prices } from '../pricing/prices.ts';
import { CheckoutInbox } from './checkout.inbox.ts';
import { Checkouts } from './checkouts.ts';
import { placeOrder, type Place } from './place-order.ts';
import { PlacedOrders } from './placed-orders.ts';
import { UnplacedCheckouts } from './unplaced-checkouts.ts';

const PLACE = token<Place>('place an order');

/** Baskets that become orders. */
@Module({
  imports: [BasketsModule],
  controllers: [CheckoutInbox],
  providers: [
    PlacedOrders,
    provided(PLACE, { requester: Requester }, ({ requester }) => placeOrder(requester)),
    provided(Checkouts, { baskets: Baskets, prices: Prices, place: PLACE, placed: PlacedOrders, report: PriceReport, runtime: RUNTIME }),
    provided(UnplacedCheckouts, { place: PLACE, placed: PlacedOrders, prices: Prices, runtime: RUNTIME, logger: LOGGER },
      ({ logger, ...parts }) => new UnplacedCheckouts({
        ...parts, onRefused: (orderId, failure) => logger.error('order refused for good', { orderId, ...errorFields(failure) }),
      })),
  ],
  exports: [UnplacedCheckouts],
})
export class CheckoutModule {}

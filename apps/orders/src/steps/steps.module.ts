import { Requester } from '@aisle/broker';
import { OutboxRelay } from '@aisle/events';
import { withDatabaseErrors } from '@aisle/persistence';
import { DataSource } from '@aisle/persistence/nest';
import { LOGGER, RUNTIME, failureReport, part, provided, token } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { OrderChanges } from '../order/order-changes.ts';
import { OrdersRepository } from '../order/orders.repository.ts';
import { CONTEXT } from '../orders.config.ts';
import { OrderPrices } from '../pricing/order-prices.ts';
import { OrderReads } from '../reading/order-reads.ts';
import { ReadingModule } from '../reading/reading.module.ts';
import { MarketStock } from '../stock/market-stock.ts';
import { BasketRestores } from './basket-restores.ts';
import { OrderDeadlines } from './order-deadlines.ts';
import { OrderSteps } from './order-steps.ts';
import { PatientRequests } from './patient-requests.ts';

const BASKETS = token<PatientRequests>('requests to baskets');
const MARKETS = token<PatientRequests>('requests to markets');

/** The changes of orders, and their requests to other apps. The deadlines listen to changes, to repeat unanswered requests. */
@Module({
  imports: [ReadingModule],
  providers: [
    provided(OrdersRepository, { database: DataSource, context: CONTEXT }, ({ database, context: { config, runtime: { clock } } }) =>
      withDatabaseErrors(config.DATABASE_URL, new OrdersRepository(database, { clock, retryMs: config.ORDER_RETRY_MS }))),
    provided(OrderChanges, { repository: OrdersRepository, runtime: RUNTIME, logger: LOGGER, relay: OutboxRelay }),
    provided(BASKETS, { broker: Requester, context: CONTEXT }, ({ broker, context: { runtime, config: { BASKET_ATTEMPT_MS: attemptMs } } }) =>
      new PatientRequests({ broker, runtime, attemptMs })),
    provided(MARKETS, { broker: Requester, context: CONTEXT }, ({ broker, context: { runtime, config: { MARKET_ATTEMPT_MS: attemptMs } } }) =>
      new PatientRequests({ broker, runtime, attemptMs })),
    provided(OrderPrices, { broker: Requester, requests: BASKETS, reads: OrderReads }),
    provided(BasketRestores, { requests: BASKETS, reads: OrderReads }),
    provided(MarketStock, { requests: MARKETS, runtime: RUNTIME }),
    part('work', 'steps', provided(OrderSteps, {
      changes: OrderChanges, market: MarketStock, prices: OrderPrices, restores: BasketRestores, logger: LOGGER,
    })),
    part('work', 'deadlines', provided(OrderDeadlines, { repository: OrdersRepository, changes: OrderChanges, steps: OrderSteps, context: CONTEXT },
      ({ context, ...parts }) => new OrderDeadlines({
        ...parts, clock: context.runtime.clock, retryMs: context.config.ORDER_RETRY_MS,
        wakeups: (options) => context.wakeups('orders', options), onFailed: failureReport(context, 'wake-up not scheduled'),
      }))),
  ],
  exports: [OrdersRepository, OrderChanges, OrderPrices, OrderSteps, OrderDeadlines],
})
export class StepsModule {}

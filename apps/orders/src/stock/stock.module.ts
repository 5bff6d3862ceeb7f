import { DataSource } from '@aisle/persistence/nest';
import { provided } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { OrderChanges } from '../order/order-changes.ts';
import { OrdersRepository } from '../order/orders.repository.ts';
import { OrderSteps } from '../steps/order-steps.ts';
import { StepsModule } from '../steps/steps.module.ts';
import { EventFollower } from './event-follower.ts';
import { ProductsRepository } from './products.repository.ts';
import { StockFollower } from './stock-follower.ts';

/** Handles the events of inventory and of markets about orders. */
@Module({
  imports: [StepsModule],
  providers: [
    provided(ProductsRepository, [DataSource]),
    provided(StockFollower, { repository: OrdersRepository, changes: OrderChanges, steps: OrderSteps }),
    provided(EventFollower, [StockFollower, ProductsRepository]),
  ],
  exports: [EventFollower],
})
export class StockModule {}

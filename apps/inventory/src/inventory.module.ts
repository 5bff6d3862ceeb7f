import { TOPICS } from '@aisle/contracts';
import { DataSource } from '@aisle/persistence/nest';
import { AppEventsModule, DatabaseModule, RequestsModule, provided } from '@aisle/platform';
import { Module } from '@nestjs/common';
import type { z } from 'zod';
import type { InventoryConfig } from './inventory.config.ts';
import { ReservationModule } from './reservation/reservation.module.ts';
import { Reservations } from './reservation/reservations.ts';
import { StockProjectionRepository } from './stock/stock-projection.repository.ts';

@Module({
  providers: [provided(StockProjectionRepository, [DataSource])],
  exports: [StockProjectionRepository],
})
class StockModule {}

@Module({
  imports: [
    DatabaseModule.forRoot(({ DATABASE_POOL_MAX: poolMax }: z.infer<typeof InventoryConfig>) => ({ poolMax })),
    RequestsModule,
    AppEventsModule.forRoot({
      publishes: { [TOPICS.inventory]: ['orders'] },
      // Two consumers, so that stock movements of markets never wait for the reservations of orders.
      consumers: [
        { name: 'inventory', topics: [TOPICS.orders], handler: Reservations },
        { name: 'inventory-stock', topics: [TOPICS.markets], handler: StockProjectionRepository },
      ],
      imports: [ReservationModule, StockModule],
    }),
  ],
})
export class InventoryModule {}

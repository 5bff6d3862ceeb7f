import { RequesterModule } from '@aisle/broker/nest';
import { TOPICS } from '@aisle/contracts';
import { EventsModule } from '@aisle/events/nest';
import { DataSource, PersistenceModule } from '@aisle/persistence/nest';
import { APP_CONTEXT, EventViewsModule, consumerReport, failureReport, relayReport } from '@aisle/platform';
import { uuidv7 } from '@aisle/std';
import { Module } from '@nestjs/common';
import { connectionOf, type InventoryContext } from './inventory.config.ts';
import { ReservationModule } from './reservation/reservation.module.ts';
import { Reservations } from './reservation/reservations.ts';
import { StockModule } from './stock/stock.module.ts';
import { StockProjectionRepository } from './stock/stock-projection.repository.ts';

/** Consumers of our topics. Events are kept for each, even before its first start. */
const FOLLOWERS = { [TOPICS.inventory]: ['orders'] };

/** Two names: what markets tell of their stock never waits for what orders want of it. */
const CONSUMERS = [
  { name: 'inventory', topics: [TOPICS.orders], handler: Reservations },
  { name: 'inventory-stock', topics: [TOPICS.markets], handler: StockProjectionRepository },
];

@Module({
  imports: [
    PersistenceModule.forRootAsync({
      inject: [APP_CONTEXT],
      useFactory: (context: InventoryContext) => ({ ...connectionOf(context), poolMax: context.config.DATABASE_POOL_MAX }),
    }),
    RequesterModule.forRootAsync({
      inject: [APP_CONTEXT],
      useFactory: ({ transport, runtime, config }: InventoryContext) =>
        ({ transport, runtime, replyQueue: `${config.INSTANCE}-${uuidv7(runtime)}` }),
    }),
    EventsModule.forRootAsync({
      inject: [APP_CONTEXT, DataSource],
      useFactory: async (context: InventoryContext, client: DataSource) => ({
        database: connectionOf(context), backbone: await context.backbone(), runtime: context.runtime, keepFor: FOLLOWERS,
        onRelayEvent: relayReport(context), onConsumerEvent: consumerReport(context),
        inbox: { client, retentionMs: context.config.INBOX_RETENTION_MS, onFailed: failureReport(context, 'inbox not pruned') },
      }),
    }),
    EventsModule.forFeature({ imports: [ReservationModule, StockModule], consumers: CONSUMERS }),
    EventViewsModule.forRootAsync({
      inject: [APP_CONTEXT, DataSource],
      useFactory: (context: InventoryContext, client: DataSource) => ({
        connection: connectionOf(context), consumers: CONSUMERS.map(({ name }) => name),
        tells: { client, topics: Object.keys(FOLLOWERS) },
      }),
    }),
  ],
})
export class InventoryModule {}

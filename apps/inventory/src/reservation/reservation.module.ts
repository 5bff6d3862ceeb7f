import { Requester } from '@aisle/broker';
import { OutboxRelay } from '@aisle/events';
import { DataSource } from '@aisle/persistence/nest';
import { APP_CONTEXT } from '@aisle/platform';
import { Module } from '@nestjs/common';
import type { InventoryContext } from '../inventory.config.ts';
import { LedgerRepository } from './ledger.repository.ts';
import { MarketStock } from './market-stock.ts';
import { Reservations } from './reservations.ts';

/** The reservations of orders, and their ledger. */
@Module({
  providers: [
    { provide: LedgerRepository, inject: [DataSource], useFactory: (database: DataSource) => new LedgerRepository(database) },
    {
      provide: MarketStock,
      inject: [Requester, APP_CONTEXT],
      useFactory: (broker: Requester, { runtime }: InventoryContext) => new MarketStock({ broker, runtime }),
    },
    {
      provide: Reservations,
      inject: [LedgerRepository, MarketStock, OutboxRelay, APP_CONTEXT],
      useFactory: (ledger: LedgerRepository, market: MarketStock, relay: OutboxRelay, { logger }: InventoryContext) =>
        new Reservations({ ledger, market, onEntered: () => relay.hint(), logger }),
    },
  ],
  exports: [Reservations],
})
export class ReservationModule {}

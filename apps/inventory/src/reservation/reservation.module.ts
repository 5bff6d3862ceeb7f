import { Requester } from '@aisle/broker';
import { OutboxRelay } from '@aisle/events';
import { DataSource } from '@aisle/persistence/nest';
import { LOGGER, RUNTIME, provided } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { LedgerRepository } from './ledger.repository.ts';
import { MarketStock } from './market-stock.ts';
import { Reservations } from './reservations.ts';

/** Provides the handler that reserves the stock of orders, and its ledger. */
@Module({
  providers: [
    provided(LedgerRepository, [DataSource]),
    provided(MarketStock, { broker: Requester, runtime: RUNTIME }),
    provided(Reservations, { ledger: LedgerRepository, market: MarketStock, relay: OutboxRelay, logger: LOGGER }),
  ],
  exports: [Reservations],
})
export class ReservationModule {}

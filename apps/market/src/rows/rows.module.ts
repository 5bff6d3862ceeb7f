import { DataSource, PersistenceModule } from '@aisle/persistence/nest';
import { APP_CONTEXT, Incarnation } from '@aisle/platform';
import { Module, type Provider, type Type } from '@nestjs/common';
import { DueRows } from '../expiry/due.repository.ts';
import { connectionOf, type MarketContext } from '../market.config.ts';
import { MarketLists } from './market-lists.repository.ts';
import { MarketRows } from './market-rows.repository.ts';
import { OrderLookUp } from './order-look-up.ts';
import { poolBehind, rowsOptions } from './rows.repository.ts';

/** The token of the pool of connections that read rows. */
export const ROWS_POOL = Symbol('rows pool');

/** The rows of markets, for reading: the journal writes them. */
@Module({
  imports: [
    PersistenceModule.forRootAsync({
      inject: [APP_CONTEXT, Incarnation],
      useFactory: (context: MarketContext, incarnation: Incarnation) =>
        rowsOptions({ ...connectionOf(context, incarnation), poolMax: context.config.DATABASE_POOL_MAX }),
    }),
  ],
  providers: [
    repository(MarketRows),
    repository(MarketLists),
    repository(DueRows),
    {
      provide: OrderLookUp,
      inject: [MarketRows, APP_CONTEXT],
      useFactory: (rows: MarketRows, { runtime }: MarketContext) => new OrderLookUp(rows, runtime),
    },
    {
      provide: ROWS_POOL,
      inject: [DataSource, APP_CONTEXT],
      useFactory: (database: DataSource, { config }: MarketContext) => poolBehind(database, config.DATABASE_WAIT_MS),
    },
  ],
  exports: [MarketRows, MarketLists, DueRows, OrderLookUp, ROWS_POOL],
})
export class RowsModule {}

function repository<T extends object>(type: Type<T> & (new (database: DataSource, url: string) => T)): Provider {
  return {
    provide: type,
    inject: [DataSource, APP_CONTEXT],
    useFactory: (database: DataSource, { config }: MarketContext) => new type(database, config.DATABASE_URL),
  };
}

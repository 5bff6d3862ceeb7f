import { CLUSTER_POOL } from '@aisle/cluster/nest';
import { DataSource } from '@aisle/persistence/nest';
import { CONNECTION, DatabaseModule, RUNTIME, provided } from '@aisle/platform';
import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { DueRows } from '../expiry/due.repository.ts';
import { CONTEXT, type MarketConfig, type MarketContext } from '../market.config.ts';
import { poolProblem, showPools, type WatchedPool } from '../pools.ts';
import { MarketLists } from './market-lists.repository.ts';
import { MarketRows } from './market-rows.repository.ts';
import { OrderLookUp } from './order-look-up.ts';
import { ROWS, poolBehind } from './rows.repository.ts';

const repository = <T>(type: new (database: DataSource, url: string) => T) =>
  provided(type, { database: DataSource, connection: CONNECTION }, ({ database, connection: { url } }) => new type(database, url));

/** Reads of the rows of markets. The journal writes them. */
@Module({
  imports: [DatabaseModule.forRoot(({ DATABASE_POOL_MAX: poolMax }: MarketConfig) => ({ ...ROWS, poolMax }))],
  providers: [repository(MarketRows), repository(MarketLists), repository(DueRows), provided(OrderLookUp, [MarketRows, RUNTIME])],
  exports: [MarketRows, MarketLists, DueRows, OrderLookUp],
})
export class RowsModule implements OnApplicationBootstrap {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    @Inject(CLUSTER_POOL) private readonly cluster: WatchedPool,
    @Inject(CONTEXT) private readonly context: MarketContext,
  ) {}

  /** Shows the connections to operators. */
  onApplicationBootstrap(): void {
    const { health, metrics, config: { DATABASE_POOL_MAX: max, DATABASE_WAIT_MS } } = this.context;
    const rows = poolBehind(this.database, DATABASE_WAIT_MS);
    health.check('database', () => poolProblem(rows, max));
    showPools(metrics, { rows: { pool: rows, max }, cluster: { pool: this.cluster, max: 2 } });
  }
}

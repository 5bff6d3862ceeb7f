import { RequesterModule } from '@aisle/broker/nest';
import { ClusterNode } from '@aisle/cluster';
import { CLUSTER_POOL } from '@aisle/cluster/nest';
import { MarketProtocol, ProductProtocol, StockProtocol, TOPICS } from '@aisle/contracts';
import { EventsModule } from '@aisle/events/nest';
import { Journal } from '@aisle/journal';
import { DataSource } from '@aisle/persistence/nest';
import { APP_CONTEXT, EventViewsModule, Incarnation, QueueModule, relayReport, showNode } from '@aisle/platform';
import { System } from '@aisle/supervision';
import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ExpiryModule } from './expiry/expiry.module.ts';
import { MarketInbox } from './inbox/market.inbox.ts';
import { OrderLog } from './inbox/order-log.ts';
import { ProductInbox } from './inbox/product.inbox.ts';
import { StockInbox } from './inbox/stock.inbox.ts';
import { connectionOf, queueOf, type MarketContext } from './market.config.ts';
import { ActorsModule } from './market/actors.module.ts';
import { Markets } from './market/markets.ts';
import { poolProblem, showPools, type WatchedPool } from './pools.ts';
import { ROWS_POOL } from './rows/rows.module.ts';

/** Consumers of our topic. Events are kept for each, even before its first start. */
const FOLLOWERS = { [TOPICS.markets]: ['basket-catalogue', 'inventory-stock', 'orders'] };

@Module({
  imports: [
    RequesterModule.forRootAsync({
      inject: [APP_CONTEXT, Incarnation],
      useFactory: ({ transport, runtime }: MarketContext, incarnation: Incarnation) =>
        ({ transport, runtime, replyQueue: `${queueOf(incarnation)}-replies` }),
    }),
    EventsModule.forRootAsync({
      inject: [APP_CONTEXT, Incarnation],
      useFactory: async (context: MarketContext, incarnation: Incarnation) => ({
        database: connectionOf(context, incarnation), backbone: await context.backbone(), runtime: context.runtime, keepFor: FOLLOWERS,
        onRelayEvent: relayReport(context),
      }),
    }),
    EventViewsModule.forRootAsync({
      inject: [APP_CONTEXT, Incarnation, DataSource],
      useFactory: (context: MarketContext, incarnation: Incarnation, client: DataSource) =>
        ({ connection: connectionOf(context, incarnation), tells: { client, topics: Object.keys(FOLLOWERS) } }),
    }),
    QueueModule.forRootAsync({
      imports: [ActorsModule],
      inject: [APP_CONTEXT, Incarnation, ClusterNode, Markets],
      useFactory: ({ config }: MarketContext, incarnation: Incarnation, node: ClusterNode<object>, { routes }: Markets) => ({
        queue: queueOf(incarnation), protocols: [MarketProtocol, ProductProtocol, StockProtocol], routes,
        owns: (shard: number) => node.accepts(shard),
        // All but one of the connections may be taken by lists, as many as there are.
        turns: Math.max(1, config.DATABASE_POOL_MAX - 1),
      }),
    }),
    ActorsModule,
    ExpiryModule,
  ],
  controllers: [MarketInbox, ProductInbox, StockInbox],
  providers: [{ provide: OrderLog, inject: [APP_CONTEXT], useFactory: ({ logger }: MarketContext) => new OrderLog(logger) }],
})
export class MarketModule implements OnApplicationBootstrap {
  constructor(
    @Inject(APP_CONTEXT) private readonly context: MarketContext,
    @Inject(ClusterNode) private readonly node: ClusterNode<object>,
    @Inject(Journal) private readonly journal: Journal,
    @Inject(System) private readonly system: System,
    @Inject(ROWS_POOL) private readonly rows: WatchedPool,
    @Inject(CLUSTER_POOL) private readonly cluster: WatchedPool,
  ) {}

  /** What operators see of it. */
  onApplicationBootstrap(): void {
    const { context, node, journal, system, rows, cluster } = this;
    const { DATABASE_POOL_MAX: max } = context.config;
    showNode(context, { node, journal, system }, 'markets');
    context.health.check('database', () => poolProblem(rows, max));
    showPools(context.metrics, { rows: { pool: rows, max }, cluster: { pool: cluster, max: 2 } });
  }
}

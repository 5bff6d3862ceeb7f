import { ClusterNode } from '@aisle/cluster';
import { ClusterModule } from '@aisle/cluster/nest';
import { SHARDS } from '@aisle/contracts';
import { JournalModule } from '@aisle/journal/nest';
import { APP_CONTEXT, Incarnation, crashReport, nodeReport } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { connectionOf, queueOf, type MarketContext } from '../market.config.ts';
import { DYNAMIC_MARKET_SUPERVISOR, marketTree } from '../market.tree.ts';
import { MarketRows } from '../rows/market-rows.repository.ts';
import { OrderLookUp } from '../rows/order-look-up.ts';
import { RowsModule } from '../rows/rows.module.ts';
import { marketActor, type LiveMarket, type MarketActor } from './market.actor.ts';
import { Markets } from './markets.ts';
import { Occasions } from './occasions.ts';
import type { Settings } from './settings.ts';

const MARKET_ACTOR = Symbol('market actor');
const DEFAULTS = Symbol('default settings');

/** What a market is, and what it begins with. */
@Module({
  imports: [RowsModule],
  providers: [
    { provide: Occasions, inject: [APP_CONTEXT], useFactory: ({ runtime }: MarketContext) => new Occasions(runtime.clock) },
    { provide: DEFAULTS, inject: [APP_CONTEXT], useFactory: defaultsOf },
    {
      provide: MARKET_ACTOR,
      inject: [MarketRows, OrderLookUp, Occasions, DEFAULTS],
      useFactory: (rows: MarketRows, lookUp: OrderLookUp, occasions: Occasions, defaults: Settings): MarketActor =>
        marketActor({ rows, lookUp, occasions, defaults }),
    },
  ],
  exports: [MARKET_ACTOR, DEFAULTS, Occasions, RowsModule],
})
class MarketActorModule {}

const HOST = ClusterModule.forFeature({ imports: [MarketActorModule], actor: MARKET_ACTOR });

/** The markets on this node, in its journal. */
@Module({
  imports: [
    MarketActorModule,
    JournalModule.forRootAsync({
      inject: [APP_CONTEXT, Incarnation],
      useFactory: (context: MarketContext, incarnation: Incarnation) =>
        ({ ...connectionOf(context, incarnation), incarnation: incarnation.id, runtime: context.runtime, lanes: 1 }),
    }),
    ClusterModule.forRootAsync({
      inject: [APP_CONTEXT, Incarnation],
      useFactory: (context: MarketContext, incarnation: Incarnation) => ({
        pool: { ...connectionOf(context, incarnation), poolMax: 2 },
        shards: SHARDS.market, runtime: context.runtime, incarnation: incarnation.id, queue: queueOf(incarnation),
        tree: marketTree(context.config.MARKETS_LIVE_MAX), supervisor: DYNAMIC_MARKET_SUPERVISOR,
        hooks: { onCrash: crashReport(context) },
        limits: {
          actorsMax: context.config.MARKETS_LIVE_MAX,
          bytesMax: context.config.MARKETS_LIVE_MIB_MAX * 1_024 * 1_024,
          idleMs: context.config.MARKET_IDLE_MS,
        },
        times: { leaseMs: context.config.LEASE_MS, marginMs: context.config.LEASE_MARGIN_MS },
        onEvent: nodeReport(context),
      }),
    }),
    HOST,
  ],
  providers: [{
    provide: Markets,
    inject: [ClusterNode, MARKET_ACTOR, OrderLookUp, Occasions, DEFAULTS],
    useFactory: (node: ClusterNode<LiveMarket>, actor: MarketActor, lookUp: OrderLookUp, occasions: Occasions, defaults: Settings) =>
      new Markets({ node, actor, lookUp, occasions, defaults }),
  }],
  exports: [Markets, HOST, MarketActorModule],
})
export class ActorsModule {}

function defaultsOf({ config }: MarketContext): Settings {
  const { DEFAULT_CURRENCY: currency, DEFAULT_LOW_STOCK: lowStock, DEFAULT_NEAR_EXPIRY_DAYS: nearExpiryDays } = config;
  return { currency, rounding: 'half-up', lowStock, nearExpiryDays, version: 1 };
}

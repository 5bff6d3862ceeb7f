import { ClusterNode } from '@aisle/cluster';
import { HostingModule, RUNTIME, provided, token } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { CONTEXT, type MarketConfig } from '../market.config.ts';
import { DYNAMIC_MARKET_SUPERVISOR, marketTree } from '../market.tree.ts';
import { MarketRows } from '../rows/market-rows.repository.ts';
import { OrderLookUp } from '../rows/order-look-up.ts';
import { RowsModule } from '../rows/rows.module.ts';
import { marketActor, type MarketActor } from './market.actor.ts';
import { Markets } from './markets.ts';
import { Occasions } from './occasions.ts';
import type { Settings } from './settings.ts';

const MARKET_ACTOR = token<MarketActor>('market actor');
const DEFAULTS = token<Settings>('default settings');

/** The market actor, and the settings of a new market. */
@Module({
  imports: [RowsModule],
  providers: [
    provided(Occasions, { runtime: RUNTIME }, ({ runtime }) => new Occasions(runtime.clock)),
    provided(DEFAULTS, { context: CONTEXT }, ({ context: { config } }) => ({
      currency: config.DEFAULT_CURRENCY, lowStock: config.DEFAULT_LOW_STOCK, nearExpiryDays: config.DEFAULT_NEAR_EXPIRY_DAYS,
      rounding: 'half-up', version: 1,
    })),
    provided(MARKET_ACTOR, { rows: MarketRows, lookUp: OrderLookUp, occasions: Occasions, defaults: DEFAULTS }, marketActor),
  ],
  exports: [MARKET_ACTOR, DEFAULTS, Occasions, RowsModule],
})
class MarketActorModule {}

/** The markets on this node. */
@Module({
  imports: [
    MarketActorModule,
    HostingModule.forRoot({
      group: 'market', actors: 'markets', actor: MARKET_ACTOR, imports: [MarketActorModule], supervisor: DYNAMIC_MARKET_SUPERVISOR,
      host: ({ MARKETS_LIVE_MAX: actorsMax, MARKETS_LIVE_MIB_MAX: mib, MARKET_IDLE_MS: idleMs }: MarketConfig) =>
        ({ tree: marketTree(actorsMax), limits: { actorsMax, bytesMax: mib * 1_024 * 1_024, idleMs } }),
    }),
  ],
  providers: [provided(Markets, { node: ClusterNode, actor: MARKET_ACTOR, lookUp: OrderLookUp, occasions: Occasions, defaults: DEFAULTS })],
  exports: [Markets, MarketActorModule],
})
export class MarketsModule {}

import { ClusterNode } from '@aisle/cluster';
import { ClusterModule } from '@aisle/cluster/nest';
import { SHARDS } from '@aisle/contracts';
import { Journal } from '@aisle/journal';
import { APP_CONTEXT, Incarnation, crashReport, nodeReport } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { connectionOf, queueOf, type BasketServerContext } from '../basket-server.config.ts';
import { DYNAMIC_USER_BASKET_SUPERVISOR, basketServerTree } from '../basket-server.tree.ts';
import { Prices } from '../pricing/prices.ts';
import { PricingModule } from '../pricing/pricing.module.ts';
import { basketActor, type BasketActor, type LiveBasket } from './basket.actor.ts';
import { Baskets } from './baskets.ts';

const BASKET_ACTOR = Symbol('basket actor');

@Module({
  imports: [PricingModule],
  providers: [{
    provide: BASKET_ACTOR,
    inject: [Prices, APP_CONTEXT],
    useFactory: (prices: Prices, { runtime }: BasketServerContext): BasketActor => basketActor({ prices, runtime }),
  }],
  exports: [BASKET_ACTOR, PricingModule],
})
class BasketActorModule {}

const HOST = ClusterModule.forFeature({ imports: [BasketActorModule], actor: BASKET_ACTOR });

/** The baskets on this node. */
@Module({
  imports: [
    BasketActorModule,
    ClusterModule.forRootAsync({
      inject: [APP_CONTEXT, Incarnation],
      useFactory: (context: BasketServerContext, incarnation: Incarnation) => ({
        pool: { ...connectionOf(context, incarnation), poolMax: 2 },
        shards: SHARDS.basket, runtime: context.runtime, incarnation: incarnation.id, queue: queueOf(incarnation),
        tree: basketServerTree(context.config.BASKETS_LIVE_MAX), supervisor: DYNAMIC_USER_BASKET_SUPERVISOR,
        hooks: { onCrash: crashReport(context) },
        limits: {
          actorsMax: context.config.BASKETS_LIVE_MAX,
          bytesMax: context.config.BASKETS_LIVE_MIB_MAX * 1_024 * 1_024,
          idleMs: context.config.BASKET_IDLE_MS,
        },
        times: { leaseMs: context.config.LEASE_MS, marginMs: context.config.LEASE_MARGIN_MS },
        onEvent: nodeReport(context),
      }),
    }),
    HOST,
  ],
  providers: [{
    provide: Baskets,
    inject: [ClusterNode, BASKET_ACTOR, Journal],
    useFactory: (node: ClusterNode<LiveBasket>, actor: BasketActor, journal: Journal) => new Baskets({ node, actor, journal }),
  }],
  exports: [Baskets, HOST, BasketActorModule],
})
export class BasketsModule {}

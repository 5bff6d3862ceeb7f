import { ClusterNode } from '@aisle/cluster';
import { Journal } from '@aisle/journal';
import { HostingModule, RUNTIME, provided, token } from '@aisle/platform';
import { Module } from '@nestjs/common';
import type { BasketServerConfig } from '../basket-server.config.ts';
import { DYNAMIC_USER_BASKET_SUPERVISOR, basketServerTree } from '../basket-server.tree.ts';
import { Prices } from '../pricing/prices.ts';
import { PricingModule } from '../pricing/pricing.module.ts';
import { basketActor, type BasketActor } from './basket.actor.ts';
import { Baskets } from './baskets.ts';

const BASKET_ACTOR = token<BasketActor>('basket actor');

@Module({
  imports: [PricingModule],
  providers: [provided(BASKET_ACTOR, { prices: Prices, runtime: RUNTIME }, basketActor)],
  exports: [BASKET_ACTOR, PricingModule],
})
class BasketActorModule {}

/** The baskets on this node. */
@Module({
  imports: [
    BasketActorModule,
    HostingModule.forRoot({
      group: 'basket', actors: 'baskets', actor: BASKET_ACTOR, imports: [BasketActorModule], supervisor: DYNAMIC_USER_BASKET_SUPERVISOR,
      host: ({ BASKETS_LIVE_MAX: actorsMax, BASKETS_LIVE_MIB_MAX: mib, BASKET_IDLE_MS: idleMs }: BasketServerConfig) =>
        ({ tree: basketServerTree(actorsMax), limits: { actorsMax, bytesMax: mib * 1_024 * 1_024, idleMs } }),
    }),
  ],
  providers: [provided(Baskets, { node: ClusterNode, actor: BASKET_ACTOR, journal: Journal })],
  exports: [Baskets, BasketActorModule],
})
export class BasketsModule {}

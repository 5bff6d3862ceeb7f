import type { ShardGroup } from '@aisle/contracts';
import { Module, type DynamicModule } from '@nestjs/common';
import { RoutingModule } from './routing/routing.module.ts';
import { StrategyModule } from './strategy/strategy.module.ts';

/** Routes commands of the served shard groups. With the group `basket` it also manages strategies, whose tables are in that schema. */
@Module({})
export class BasketManagerModule {
  static serving(groups: readonly ShardGroup[]): DynamicModule {
    return { module: BasketManagerModule, imports: [RoutingModule, ...(groups.includes('basket') ? [StrategyModule] : [])] };
  }
}

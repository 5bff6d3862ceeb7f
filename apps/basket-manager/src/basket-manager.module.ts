import type { ShardGroup } from '@aisle/contracts';
import { Module, type DynamicModule } from '@nestjs/common';
import { RoutingModule } from './routing/routing.module.ts';
import { StrategyModule } from './strategy/strategy.module.ts';

/** Shards and their commands, and, where baskets are served, the strategies: their tables lie in the schema of baskets. */
@Module({})
export class BasketManagerModule {
  static serving(groups: readonly ShardGroup[]): DynamicModule {
    return { module: BasketManagerModule, imports: [RoutingModule, ...(groups.includes('basket') ? [StrategyModule] : [])] };
  }
}

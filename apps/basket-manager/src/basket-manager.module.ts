import type { ShardGroup } from '@aisle/contracts';
import { Module, type DynamicModule } from '@nestjs/common';
import { RoutingModule } from './routing/routing.module.ts';
import { StrategyModule } from './strategy/strategy.module.ts';

/** The strategy tables lie in this group's schema. */
const STRATEGIES_GROUP: ShardGroup = 'basket';

@Module({})
export class BasketManagerModule {
  static serving(groups: readonly ShardGroup[]): DynamicModule {
    return {
      module: BasketManagerModule,
      imports: [RoutingModule, ...(groups.includes(STRATEGIES_GROUP) ? [StrategyModule] : [])],
    };
  }
}

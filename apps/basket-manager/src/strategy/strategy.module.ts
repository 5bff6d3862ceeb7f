import { Module, type DynamicModule } from '@nestjs/common';
import { Strategies } from './strategies.ts';
import { StrategyInbox } from './strategy.inbox.ts';

@Module({})
export class StrategyModule {
  static with(strategies: Strategies): DynamicModule {
    return {
      module: StrategyModule,
      controllers: [StrategyInbox],
      providers: [{ provide: Strategies, useValue: strategies }],
    };
  }
}

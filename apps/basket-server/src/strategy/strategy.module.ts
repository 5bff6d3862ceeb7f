import { Journal } from '@aisle/journal';
import { DataSource } from '@aisle/persistence/nest';
import { APP_CONTEXT } from '@aisle/platform';
import { ShutdownPlan } from '@aisle/std';
import { Module } from '@nestjs/common';
import type { BasketServerContext } from '../basket-server.config.ts';
import { PriceReport } from '../pricing/price-report.ts';
import { RulesInForce } from './rules-in-force.ts';
import { startStrategies, type RunningStrategies } from './start-strategies.ts';
import { Strategies } from './strategies.ts';
import { strategyStore } from './strategy-store.ts';

const RUNNING = Symbol('running strategies');

/** The rules in force, as they are followed, and what is told of the prices that they make. */
@Module({
  providers: [
    {
      provide: RUNNING,
      inject: [DataSource, Journal, APP_CONTEXT, ShutdownPlan],
      async useFactory(database: DataSource, journal: Journal, context: BasketServerContext, plan: ShutdownPlan): Promise<RunningStrategies> {
        const { config, runtime, logger, metrics } = context;
        const store = strategyStore({ database, databaseUrl: config.DATABASE_URL, runtime });
        const running = await startStrategies({ store, runtime, logger, metrics, journal, folder: config.STRATEGIES_FOLDER });
        plan.add({ phase: 'followers', name: 'strategies', stop: () => running.stop() });
        return running;
      },
    },
    { provide: RulesInForce, inject: [RUNNING], useFactory: ({ rules }: RunningStrategies) => rules },
    { provide: Strategies, inject: [RUNNING], useFactory: ({ strategies }: RunningStrategies) => strategies },
    { provide: PriceReport, inject: [RUNNING], useFactory: ({ report }: RunningStrategies) => report },
  ],
  exports: [RulesInForce, Strategies, PriceReport],
})
export class StrategyModule {}

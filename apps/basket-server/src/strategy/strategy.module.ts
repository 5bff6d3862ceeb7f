import { Journal } from '@aisle/journal';
import { DataSource } from '@aisle/persistence/nest';
import { part, provided, token } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { CONTEXT } from '../basket-server.config.ts';
import { PriceReport } from '../pricing/price-report.ts';
import { RulesFollower } from './rules-follower.ts';
import { startStrategies, type RunningStrategies } from './start-strategies.ts';
import { StrategyOperations } from './strategy-operations.ts';
import { strategyStore } from './strategy-store.ts';

const RUNNING = token<RunningStrategies>('running strategies');

/** The rules in force, the operations on strategies, and the report of prices. */
@Module({
  providers: [
    part('followers', 'strategies', provided(RUNNING, { database: DataSource, journal: Journal, context: CONTEXT },
      ({ database, journal, context: { config: { DATABASE_URL: databaseUrl, STRATEGIES_FOLDER: folder }, runtime, logger, metrics } }) =>
        startStrategies({ store: strategyStore({ database, databaseUrl, runtime }), runtime, logger, metrics, journal, folder }))),
    provided(RulesFollower, { running: RUNNING }, ({ running }) => running.rules),
    provided(StrategyOperations, { running: RUNNING }, ({ running }) => running.strategies),
    provided(PriceReport, { running: RUNNING }, ({ running }) => running.report),
  ],
  exports: [RulesFollower, StrategyOperations, PriceReport],
})
export class StrategyModule {}

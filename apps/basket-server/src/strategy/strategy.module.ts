import { Journal } from '@aisle/journal';
import { DataSource } from '@aisle/persistence/nest';
import { part, provided, token } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { CONTEXT } from '../basket-server.config.ts';
import { PriceReport } from '../pricing/price-report.ts';
import { RulesInForce } from './rules-in-force.ts';
import { startStrategies, type RunningStrategies } from './start-strategies.ts';
import { Strategies } from './strategies.ts';
import { strategyStore } from './strategy-store.ts';

const RUNNING = token<RunningStrategies>('running strategies');

/** The rules in force, as they are followed, and what is told of the prices that they make. */
@Module({
  providers: [
    part('followers', 'strategies', provided(RUNNING, { database: DataSource, journal: Journal, context: CONTEXT },
      ({ database, journal, context: { config: { DATABASE_URL: databaseUrl, STRATEGIES_FOLDER: folder }, runtime, logger, metrics } }) =>
        startStrategies({ store: strategyStore({ database, databaseUrl, runtime }), runtime, logger, metrics, journal, folder }))),
    provided(RulesInForce, { running: RUNNING }, ({ running }) => running.rules),
    provided(Strategies, { running: RUNNING }, ({ running }) => running.strategies),
    provided(PriceReport, { running: RUNNING }, ({ running }) => running.report),
  ],
  exports: [RulesInForce, Strategies, PriceReport],
})
export class StrategyModule {}

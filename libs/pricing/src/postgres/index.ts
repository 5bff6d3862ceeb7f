import { StrategyDrafts1796500000100 } from './strategy-drafts.migration.ts';
import { StrategyHistory1700000000820 } from './strategy-history.migration.ts';
import { Strategies1700000000600 } from './strategy.migration.ts';

export type { Ear, Queries, StrategyDatabase } from './database.ts';
export { PostgresStrategyStore } from './postgres-strategy-store.ts';
export type { PostgresStrategyStoreOptions } from './postgres-strategy-store.ts';

export { strategyRights } from './strategy-rights.ts';

/** The migrations of the tables for TypeORM, in order. */
export const strategyMigrations = [Strategies1700000000600, StrategyHistory1700000000820, StrategyDrafts1796500000100] as const;

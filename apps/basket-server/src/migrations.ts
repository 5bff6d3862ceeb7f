import { clusterMigrations } from '@aisle/cluster';
import { journalMigrations } from '@aisle/journal';
import { Catalogue1700000000100 } from './catalogue/catalogue.migration.ts';
import { Strategies1700000000600 } from './strategy/strategy.migration.ts';

/** The migrations of the schema `basket`, in the order in which they run. */
export const migrations = [
  ...clusterMigrations, Catalogue1700000000100, ...journalMigrations, Strategies1700000000600,
];

import { NodeLease1700000000001 } from '@aisle/cluster';
import { journalMigrations } from '@aisle/journal';
import { Catalogue1700000000100 } from './catalogue/catalogue.migration.ts';

/** The migrations of the schema `basket`, in the order in which they run. */
export const migrations = [NodeLease1700000000001, Catalogue1700000000100, ...journalMigrations];

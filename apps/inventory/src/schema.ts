import { inboxMigrations, outboxMigrations } from '@aisle/events';
import type { AppSchema } from '@aisle/platform';
import { inventoryRows } from './rows/inventory-rows.ts';
import { Inventory1700000000100 } from './rows/inventory.migration.ts';

/** The schema `inventory`; its migrations stand in the order in which they run. */
export const inventorySchema: AppSchema = {
  schema: 'inventory',
  migrations: [Inventory1700000000100, ...inboxMigrations, ...outboxMigrations],
  entities: inventoryRows,
};

import {
  eventsSchema, inboxMigrations, inboxRights, outboxMigrations, outboxRights, readerRights, tellerRights,
} from '@aisle/events';
import type { AppSchema } from '@aisle/platform';
import { Inventory1700000000100 } from './rows/inventory.migration.ts';

const APP = 'inventory';

/** The schema `inventory`. Its migrations are listed in the order in which they run. */
const inventorySchema: AppSchema = {
  schema: 'inventory',
  migrations: [Inventory1700000000100, ...inboxMigrations, ...outboxMigrations],
  access: {
    app: APP,
    rights: [
      inboxRights, outboxRights,
      {
        tables: {
          ledger_entry: 'SELECT, INSERT', ledger_line: 'SELECT, INSERT', stock_movement: 'SELECT, INSERT',
          inventory: 'SELECT, INSERT, UPDATE',
        },
      },
    ],
  },
};

/** All schemas of inventory in the database. */
export const inventorySchemas: readonly AppSchema[] = [
  { ...eventsSchema, access: { app: APP, rights: [tellerRights, readerRights] } }, inventorySchema,
];

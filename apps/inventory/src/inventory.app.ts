import { nestApp } from '@aisle/platform';
import { InventoryConfig } from './inventory.config.ts';
import { InventoryModule } from './inventory.module.ts';

/** Reserves the stock of orders and keeps a ledger of it. Any number of processes run side by side and share the work. */
export const inventory = nestApp({ name: 'inventory', schema: 'inventory', config: InventoryConfig, module: () => InventoryModule });

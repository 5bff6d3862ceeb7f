import { outboxMigrations } from '@aisle/events';
import type { AppSchema } from '@aisle/platform';
import { ordersRows } from './rows/orders-rows.ts';
import { OrdersForetold1795700000000 } from './rows/orders-foretold.migration.ts';
import { OrderFacts1796000000200 } from './rows/order-facts.migration.ts';
import { Orders1700000000100 } from './rows/orders.migration.ts';

/** The schema `orders`; its migrations stand in the order in which they run. */
export const ordersSchema: AppSchema = {
  schema: 'orders',
  migrations: [Orders1700000000100, ...outboxMigrations, OrdersForetold1795700000000, OrderFacts1796000000200],
  entities: ordersRows,
};

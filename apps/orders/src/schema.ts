import { eventsSchema, outboxMigrations, outboxRights, readerRights, tellerRights } from '@aisle/events';
import type { AppSchema } from '@aisle/platform';
import { OrdersForetold1795700000000 } from './rows/orders-foretold.migration.ts';
import { OrderLineExtras1796600000000 } from './rows/order-line-extras.migration.ts';
import { OrderLineFacts1796700000200 } from './rows/order-line-facts.migration.ts';
import { OrderPrincipals1796800000200 } from './rows/order-principals.migration.ts';
import { OrderFacts1796000000200 } from './rows/order-facts.migration.ts';
import { Orders1700000000100 } from './rows/orders.migration.ts';

const APP = 'orders';

/** The schema `orders`, with its migrations in the order in which they run. */
const ordersSchema: AppSchema = {
  schema: 'orders',
  migrations: [
    Orders1700000000100, ...outboxMigrations, OrdersForetold1795700000000, OrderFacts1796000000200, OrderLineExtras1796600000000,
    OrderLineFacts1796700000200, OrderPrincipals1796800000200,
  ],
  access: {
    app: APP,
    rights: [
      outboxRights,
      {
        tables: {
          product: 'SELECT, INSERT, UPDATE',
          orders: 'SELECT, INSERT, UPDATE',
          order_line: 'SELECT, INSERT, UPDATE',
          order_history: 'SELECT, INSERT',
        },
      },
    ],
  },
};

/** The schemas that orders uses, with its rights in each. */
export const ordersSchemas: readonly AppSchema[] = [
  { ...eventsSchema, access: { app: APP, rights: [tellerRights, readerRights] } }, ordersSchema,
];

import { basketManagerSchemas } from '@aisle/basket-manager/schema';
import { basketServerSchemas } from '@aisle/basket-server/schema';
import { inventorySchemas } from '@aisle/inventory/schema';
import { marketSchemas } from '@aisle/market/schema';
import { ordersSchemas } from '@aisle/orders/schema';
import { producerConsumerSchema } from '@aisle/producer-consumer/schema';
import type { AppSchema, AppSchemas } from '@aisle/platform';

/** Schemas of each app, in the order of their migration: the manager uses schemas of two others. */
export const appSchemas: readonly AppSchemas[] = [
  { name: 'market', schemas: marketSchemas },
  { name: 'basket-server', schemas: basketServerSchemas },
  { name: 'basket-manager', schemas: basketManagerSchemas(['basket', 'market']) },
  { name: 'orders', schemas: ordersSchemas },
  { name: 'inventory', schemas: inventorySchemas },
  { name: 'producer-consumer', schemas: [producerConsumerSchema] },
];

/** The schemas of the whole system, each once. */
export const schemas: readonly AppSchema[] = [...new Map(
  appSchemas.flatMap((app) => app.schemas).filter(({ migrations }) => migrations.length > 0).map((schema) => [schema.schema, schema]),
).values()];

import { basketManagerSchemas } from '@aisle/basket-manager/schema';
import { basketServerSchemas } from '@aisle/basket-server/schema';
import { inventorySchemas } from '@aisle/inventory/schema';
import { marketSchemas } from '@aisle/market/schema';
import { ordersSchemas } from '@aisle/orders/schema';
import { producerConsumerSchema } from '@aisle/producer-consumer/schema';
import type { AppSchemas } from '@aisle/platform';

/** What each app has in the database, in the order in which it is made: the manager uses schemas of two others. */
export const appSchemas: readonly AppSchemas[] = [
  { name: 'market', schemas: marketSchemas },
  { name: 'basket-server', schemas: basketServerSchemas },
  { name: 'basket-manager', schemas: basketManagerSchemas(['basket', 'market']) },
  { name: 'orders', schemas: ordersSchemas },
  { name: 'inventory', schemas: inventorySchemas },
  { name: 'producer-consumer', schemas: [producerConsumerSchema] },
];

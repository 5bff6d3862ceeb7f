// Made from the package.json of each app by `npx nx sync`; do not edit.
import { basketManagerSchemas } from '@aisle/basket-manager/schema';
import { basketServerSchemas } from '@aisle/basket-server/schema';
import { gatewaySchemas } from '@aisle/gateway/schema';
import { inventorySchemas } from '@aisle/inventory/schema';
import { marketSchemas } from '@aisle/market/schema';
import { ordersSchemas } from '@aisle/orders/schema';
import { producerConsumerSchemas } from '@aisle/producer-consumer/schema';
import type { AppSchemas } from '@aisle/platform';

/** In the order in which they are made. */
export const appSchemas: readonly AppSchemas[] = [
  { name: 'basket-server', schemas: basketServerSchemas },
  { name: 'market', schemas: marketSchemas },
  { name: 'basket-manager', schemas: basketManagerSchemas },
  { name: 'gateway', schemas: gatewaySchemas },
  { name: 'inventory', schemas: inventorySchemas },
  { name: 'orders', schemas: ordersSchemas },
  { name: 'producer-consumer', schemas: producerConsumerSchemas },
];

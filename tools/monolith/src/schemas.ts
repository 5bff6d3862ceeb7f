import { basketSchema } from '@aisle/basket-server/schema';
import { eventsSchema } from '@aisle/events';
import { inventorySchema } from '@aisle/inventory/schema';
import { marketSchema } from '@aisle/market/schema';
import { ordersSchema } from '@aisle/orders/schema';
import { producerConsumerSchema } from '@aisle/producer-consumer/schema';
import type { AppSchema } from '@aisle/platform';

/** The schemas of the whole system, in the order in which they are made. */
export const schemas: readonly AppSchema[] = [
  eventsSchema, marketSchema, basketSchema, ordersSchema, inventorySchema, producerConsumerSchema,
];

// Brings every app's schema up to date at once: what a laptop does in one process instead of six.
import 'reflect-metadata';
import { basketSchema } from '@aisle/basket-server/schema';
import { eventsSchema } from '@aisle/events';
import { inventorySchema } from '@aisle/inventory/schema';
import { marketSchema } from '@aisle/market/schema';
import { ordersSchema } from '@aisle/orders/schema';
import { migrateSchemas } from '@aisle/platform';
import { producerConsumerSchema } from '@aisle/producer-consumer/schema';

await migrateSchemas(eventsSchema, marketSchema, basketSchema, ordersSchema, inventorySchema, producerConsumerSchema);

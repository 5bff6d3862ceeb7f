import 'reflect-metadata';
import { eventsSchema } from '@aisle/events';
import { migrateSchemas } from '@aisle/platform';
import { inventorySchema } from './schema.ts';

await migrateSchemas(inventorySchema, eventsSchema);

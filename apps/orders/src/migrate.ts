import 'reflect-metadata';
import { eventsSchema } from '@aisle/events';
import { migrateSchemas } from '@aisle/platform';
import { ordersSchema } from './schema.ts';

await migrateSchemas(ordersSchema, eventsSchema);

import 'reflect-metadata';
import { eventsSchema } from '@aisle/events';
import { migrateSchemas } from '@aisle/platform';
import { marketSchema } from './schema.ts';

await migrateSchemas(eventsSchema, marketSchema);

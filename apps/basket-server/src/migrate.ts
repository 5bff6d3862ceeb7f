import 'reflect-metadata';
import { eventsSchema } from '@aisle/events';
import { migrateSchemas } from '@aisle/platform';
import { basketSchema } from './schema.ts';

await migrateSchemas(eventsSchema, basketSchema);

import 'reflect-metadata';
import { migrateSchemas } from '@aisle/platform';
import { basketSchema } from './schema.ts';

await migrateSchemas(basketSchema);

import 'reflect-metadata';
import { migrateSchemas } from '@aisle/platform';
import { inventorySchemas } from './schema.ts';

await migrateSchemas(...inventorySchemas);

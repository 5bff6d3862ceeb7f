import 'reflect-metadata';
import { migrateSchemas } from '@aisle/platform';
import { basketServerSchemas } from './schema.ts';

await migrateSchemas(...basketServerSchemas);

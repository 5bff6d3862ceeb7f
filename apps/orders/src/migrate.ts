import 'reflect-metadata';
import { migrateSchemas } from '@aisle/platform';
import { ordersSchemas } from './schema.ts';

await migrateSchemas(...ordersSchemas);

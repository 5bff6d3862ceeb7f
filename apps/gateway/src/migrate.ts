import 'reflect-metadata';
import { migrateSchemas } from '@aisle/platform';
import { gatewaySchemas } from './schema.ts';

await migrateSchemas(...gatewaySchemas);

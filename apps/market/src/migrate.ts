import 'reflect-metadata';
import { migrateSchemas } from '@aisle/platform';
import { marketSchemas } from './schema.ts';

await migrateSchemas(...marketSchemas);

// Brings this app's schema up to date, before any process of the app starts.
import 'reflect-metadata';
import { migrateSchemas } from '@aisle/platform';
import { producerConsumerSchemas } from './schema.ts';

await migrateSchemas(...producerConsumerSchemas);

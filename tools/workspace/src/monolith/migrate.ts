// Brings every app's schema up to date at once, in one process instead of six.
import 'reflect-metadata';
import { migrateApps } from '@aisle/platform';
import { appSchemas } from './schemas.ts';

await migrateApps(appSchemas);

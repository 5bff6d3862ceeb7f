// Gives this app its rights in the schemas of basket-server and market, after these have been migrated.
import 'reflect-metadata';
import { migrateBy } from '@aisle/platform';
import { ServedGroups } from './groups.config.ts';
import { basketManagerSchemas } from './schema.ts';

await migrateBy(ServedGroups, ({ SHARD_GROUPS }) => basketManagerSchemas(SHARD_GROUPS));

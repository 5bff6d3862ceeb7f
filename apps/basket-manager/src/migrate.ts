// Grants this app its rights in the schemas of basket-server and market. Their migrations have to run first.
import 'reflect-metadata';
import { migrateBy } from '@aisle/platform';
import { ServedGroups } from './groups.config.ts';
import { schemasOf } from './schema.ts';

await migrateBy(ServedGroups, ({ SHARD_GROUPS }) => schemasOf(SHARD_GROUPS));

import { clusterMigrations } from '@aisle/cluster';
import type { AppSchema } from '@aisle/platform';
import { Consumers1795300000000 } from './consumer/consumer.migration.ts';

/** The schema `producer_consumer`; its migrations stand in the order in which they run. */
export const producerConsumerSchema: AppSchema = {
  schema: 'producer_consumer',
  migrations: [...clusterMigrations, Consumers1795300000000],
};

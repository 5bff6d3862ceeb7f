import { clusterMigrations, nameRights } from '@aisle/cluster';
import { PipelineSettings } from '@aisle/contracts';
import { createPool } from '@aisle/persistence';
import type { AppSchema } from '@aisle/platform';
import { Consumers1795300000000 } from './consumer/consumer.migration.ts';
import { Pipelines1795400000000 } from './pipeline/pipeline.migration.ts';
import { PipelineLetters1795600000000 } from './pipeline/pipeline-letters.migration.ts';
import { PipelineRemovals1796500000000 } from './pipeline/pipeline-removals.migration.ts';
import { PipelineRepository } from './pipeline/pipeline.repository.ts';
import { Commands1795500000000 } from './store/commands.migration.ts';

/** The schema `producer_consumer`. Its migrations are listed in the order in which they run. */
export const producerConsumerSchema: AppSchema = {
  schema: 'producer_consumer',
  migrations: [
    ...clusterMigrations, Consumers1795300000000, Pipelines1795400000000, Commands1795500000000, PipelineLetters1795600000000,
    PipelineRemovals1796500000000,
  ],
  access: {
    app: 'producer-consumer',
    rights: [
      nameRights,
      {
        tables: {
          consumer: 'SELECT, INSERT, UPDATE, DELETE', consumer_message: 'SELECT, INSERT', consumer_stop: 'SELECT, INSERT, UPDATE, DELETE',
          pipeline: 'SELECT, INSERT, UPDATE, DELETE', pipeline_letter: 'SELECT, INSERT, UPDATE, DELETE',
          pipeline_removal: 'SELECT, INSERT, UPDATE, DELETE',
        },
      },
    ],
  },
  async seed({ url, logger }) {
    const pool = createPool({ url, schema: 'producer_consumer', applicationName: 'seed', poolMax: 1 });
    const isNew = await new PipelineRepository(pool).create(DEFAULT_PIPELINE, PipelineSettings.parse({}), 'seed');
    await pool.end();
    logger.info('pipeline seeded', { isNew });
  },
};

/** All schemas of producer-consumer in the database. */
export const producerConsumerSchemas: readonly AppSchema[] = [producerConsumerSchema];

/** The pipeline that the seed creates. */
export const DEFAULT_PIPELINE = { tenant: 'default', name: 'default' };

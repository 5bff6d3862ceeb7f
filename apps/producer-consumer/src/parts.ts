import type { ClusterRegistry } from '@aisle/cluster';
import { Pace } from '@aisle/pipeline';
import { Registry } from '@aisle/registry';
import { Supervisor, type System } from '@aisle/supervision';
import { Histogram, type Registry as Metrics } from '@aisle/telemetry';
import { ConsumerRepository } from './consumer/consumer.repository.ts';
import { Consumers } from './consumer/consumers.ts';
import { MessageLog } from './consumer/message-log.ts';
import { Capacity, type Load } from './pipeline/capacity.ts';
import { PipelineCounters } from './pipeline/pipeline-counters.ts';
import { PipelineLetters } from './pipeline/pipeline-letters.repository.ts';
import { PipelineRepository } from './pipeline/pipeline.repository.ts';
import { Pipelines } from './pipeline/pipelines.ts';
import { ProcessMeter } from './pipeline/process-meter.ts';
import {
  DYNAMIC_CONSUMER_SUPERVISOR, DYNAMIC_PIPELINE_SUPERVISOR, STATE_KEEPER, producerConsumerTree,
} from './producer-consumer.tree.ts';

/** What consumers and pipelines are made of. */
export interface PartsOptions {
  readonly system: System;
  readonly everywhere: ClusterRegistry;
  /** Connections to the schema. */
  readonly store: ConstructorParameters<typeof ConsumerRepository>[0];
  /** Others, for pages. */
  readonly pages: ConstructorParameters<typeof ConsumerRepository>[0];
  readonly metrics: Metrics;
  readonly consumersMax: number;
  /** What all pipelines of the process together may ask for. */
  readonly pipelinesMax: Load;
}

/** Starts the tree, and what hands requests to it. */
export async function startParts({ system, everywhere, store, pages, metrics, consumersMax, pipelinesMax }: PartsOptions) {
  const { runtime } = system;
  const root = await system.start(producerConsumerTree(consumersMax));
  const repository = new ConsumerRepository(store, pages);
  const commits = new Histogram({
    name: 'consumer_commit_messages', help: 'messages of consumers in one commit',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512], registers: [metrics],
  });
  const consumers = new Consumers({
    runtime,
    parts: {
      here: new Registry(system, { keys: 'unique' }),
      everywhere, repository,
      log: new MessageLog(repository, runtime, (messages) => void commits.observe(messages)),
      keeper: Supervisor.child(root, STATE_KEEPER),
    },
    supervisor: Supervisor.child(root, DYNAMIC_CONSUMER_SUPERVISOR),
  });
  const meter = new ProcessMeter(runtime.clock);
  const pipelines = new Pipelines(
    {
      here: new Registry(system, { keys: 'unique' }),
      everywhere, meter,
      repository: new PipelineRepository(store),
      letters: new PipelineLetters(store),
      counters: new PipelineCounters(metrics),
      capacity: new Capacity(pipelinesMax),
      pace: new Pace(runtime),
    },
    Supervisor.child(root, DYNAMIC_PIPELINE_SUPERVISOR),
  );
  return {
    consumers,
    pipelines,
    async stop(): Promise<void> {
      await root.stop('shutdown', 'infinity');
      meter.close();
    },
  };
}

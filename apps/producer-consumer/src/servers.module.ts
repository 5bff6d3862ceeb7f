import { Pace } from '@aisle/pipeline';
import { Histogram, METRICS, RUNTIME, part, provided } from '@aisle/platform';
import { ClusterRegistry, Registry } from '@aisle/registry';
import { Supervisor, System } from '@aisle/supervision';
import { Module } from '@nestjs/common';
import { ConsumerRepository } from './consumer/consumer.repository.ts';
import { Consumers } from './consumer/consumers.ts';
import { MessageLog } from './consumer/message-log.ts';
import { NamesModule, Pools, ROOT } from './names.module.ts';
import { Capacity } from './pipeline/capacity.ts';
import { PipelineCounters } from './pipeline/pipeline-counters.ts';
import { PipelineLetters } from './pipeline/pipeline-letters.repository.ts';
import { PipelineRepository } from './pipeline/pipeline.repository.ts';
import { Pipelines } from './pipeline/pipelines.ts';
import { ProcessMeter } from './pipeline/process-meter.ts';
import { CONTEXT } from './producer-consumer.config.ts';
import { DYNAMIC_CONSUMER_SUPERVISOR, DYNAMIC_PIPELINE_SUPERVISOR, STATE_KEEPER } from './producer-consumer.tree.ts';

const NAMED = { root: ROOT, system: System, clusterNames: ClusterRegistry, pools: Pools };

/** The consumers and pipelines of this process. */
@Module({
  imports: [NamesModule],
  providers: [
    provided(ConsumerRepository, { pools: Pools }, ({ pools: { store, pages } }) => new ConsumerRepository(store, pages)),
    provided(MessageLog, { repository: ConsumerRepository, runtime: RUNTIME, metrics: METRICS }, ({ repository, runtime, metrics }) => {
      const commits = new Histogram({
        name: 'consumer_commit_messages', help: 'messages of consumers in one commit',
        buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512], registers: [metrics],
      });
      return new MessageLog(repository, runtime, (messages) => void commits.observe(messages));
    }),
    provided(Consumers, { ...NAMED, repository: ConsumerRepository, log: MessageLog, runtime: RUNTIME },
      ({ root, system, clusterNames, repository, log, runtime }) => new Consumers({
        runtime,
        parts: { localNames: new Registry(system, { keys: 'unique' }), clusterNames, repository, log, keeper: Supervisor.child(root, STATE_KEEPER) },
        supervisor: Supervisor.child(root, DYNAMIC_CONSUMER_SUPERVISOR),
      })),
    part('followers', 'process meter', provided(ProcessMeter, { runtime: RUNTIME }, ({ runtime }) => new ProcessMeter(runtime.clock))),
    provided(Pipelines, { ...NAMED, meter: ProcessMeter, context: CONTEXT }, ({ root, system, clusterNames, pools: { store }, meter, context }) => {
      const { runtime, metrics, config: { PIPELINES_RATE_MAX, PIPELINES_EVENTS_MAX, PIPELINES_STAGES_MAX } } = context;
      return new Pipelines({
        localNames: new Registry(system, { keys: 'unique' }), clusterNames, meter,
        repository: new PipelineRepository(store), letters: new PipelineLetters(store), counters: new PipelineCounters(metrics),
        capacity: new Capacity({ eventsPerSecond: PIPELINES_RATE_MAX, eventsUnderWay: PIPELINES_EVENTS_MAX, stages: PIPELINES_STAGES_MAX }),
        pace: new Pace(runtime),
      }, Supervisor.child(root, DYNAMIC_PIPELINE_SUPERVISOR));
    }),
  ],
  exports: [NamesModule, Consumers, Pipelines],
})
export class ServersModule {}

import { Requester } from '@aisle/broker';
import { ConsumerProtocol, PipelineProtocol } from '@aisle/contracts';
import {
  Gauge, Incarnation, LOGGER, QueueModule, RUNTIME, RequestsModule, part, provided, showTree, type AppContext,
} from '@aisle/platform';
import { ClusterRegistry } from '@aisle/registry';
import { System } from '@aisle/supervision';
import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ConsumerInbox } from './consumer/consumer.inbox.ts';
import { GroupHolders } from './holder/holder.ts';
import { PAGES_AT_ONCE } from './names.module.ts';
import { GroupPipelines } from './pipeline/group-pipelines.ts';
import { PipelineInbox } from './pipeline/pipeline.inbox.ts';
import { Pipelines } from './pipeline/pipelines.ts';
import { PipelineResumer } from './pipeline/pipeline-resumer.ts';
import { showLetters } from './pipeline/show-letters.ts';
import { CONTEXT, type ProducerConsumerConfig } from './producer-consumer.config.ts';
import { ServersModule } from './servers.module.ts';

@Module({
  imports: [
    RequestsModule,
    // All processes share the first queue. The second one belongs to this process, for messages that others pass on to it.
    QueueModule.forRootAsync({
      inject: [Incarnation],
      useFactory: ({ queue }: Incarnation) =>
        ({ queue: [ConsumerProtocol.start.queue, queue], protocols: [ConsumerProtocol, PipelineProtocol], turns: PAGES_AT_ONCE }),
    }),
    ServersModule,
  ],
  controllers: [ConsumerInbox, PipelineInbox],
  providers: [
    provided(GroupHolders, { clusterNames: ClusterRegistry, incarnation: Incarnation, requester: Requester, runtime: RUNTIME }),
    provided(GroupPipelines, [Pipelines, GroupHolders, RUNTIME]),
    part('readers', 'pipeline resumer', provided(PipelineResumer, { pipelines: Pipelines, runtime: RUNTIME, logger: LOGGER })),
  ],
})
export class ProducerConsumerModule implements OnApplicationBootstrap {
  constructor(
    @Inject(CONTEXT) private readonly context: AppContext<ProducerConsumerConfig>,
    @Inject(System) private readonly system: System,
    @Inject(ClusterRegistry) private readonly names: ClusterRegistry,
    @Inject(Pipelines) private readonly localPipelines: Pipelines,
    @Inject(GroupPipelines) private readonly groupPipelines: GroupPipelines,
  ) {}

  /** Shows the tree, the dead letters and the number of names to operators. */
  onApplicationBootstrap(): void {
    const { context, system, names, localPipelines: local, groupPipelines: group } = this;
    showTree(context, system);
    showLetters(context, { local, group });
    new Gauge({
      name: 'names_held',
      help: 'consumers and pipelines of this process',
      registers: [context.metrics],
      collect() {
        this.set(names.count);
      },
    });
  }
}

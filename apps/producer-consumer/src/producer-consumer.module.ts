import { Module, type DynamicModule } from '@nestjs/common';
import { ConsumerInbox } from './consumer/consumer.inbox.ts';
import { Consumers } from './consumer/consumers.ts';
import { HOLDERS, type Holders } from './holder/holder.ts';
import { PipelineInbox } from './pipeline/pipeline.inbox.ts';
import { Pipelines } from './pipeline/pipelines.ts';

/** What answers the messages. */
export interface ProducerConsumerParts {
  readonly consumers: Consumers;
  readonly pipelines: Pipelines;
  readonly holders: Holders;
}

@Module({})
export class ProducerConsumerModule {
  static with({ consumers, pipelines, holders }: ProducerConsumerParts): DynamicModule {
    return {
      module: ProducerConsumerModule,
      controllers: [ConsumerInbox, PipelineInbox],
      providers: [
        { provide: Consumers, useValue: consumers },
        { provide: Pipelines, useValue: pipelines },
        { provide: HOLDERS, useValue: holders },
      ],
    };
  }
}

import { Module, type DynamicModule } from '@nestjs/common';
import { ConsumerInbox } from './consumer/consumer.inbox.ts';
import { Consumers } from './consumer/consumers.ts';
import { HOLDERS, type Holders } from './holder/holder.ts';

/** What answers the messages. */
export interface ProducerConsumerParts {
  readonly consumers: Consumers;
  readonly holders: Holders;
}

@Module({})
export class ProducerConsumerModule {
  static with({ consumers, holders }: ProducerConsumerParts): DynamicModule {
    return {
      module: ProducerConsumerModule,
      controllers: [ConsumerInbox],
      providers: [
        { provide: Consumers, useValue: consumers },
        { provide: HOLDERS, useValue: holders },
      ],
    };
  }
}

import { nestApp } from '@aisle/platform';
import { ProducerConsumerConfig } from './producer-consumer.config.ts';
import { ProducerConsumerModule } from './producer-consumer.module.ts';

/** Hosts named consumers and pipelines. Any number of processes run side by side, and each name is held by one of them. */
export const producerConsumer = nestApp({
  name: 'producer-consumer', schema: 'producer_consumer', config: ProducerConsumerConfig, module: () => ProducerConsumerModule,
});

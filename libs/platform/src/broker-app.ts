import type { INestMicroservice, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BrokerExceptionFilter } from '@aisle/broker/nest';
import type { AppContext } from './run-app.ts';
import { nestLogger } from './nest-logger.ts';
import { brokerServer, type QueueOptions } from './nest/queue.module.ts';

/** What a broker app is made of. */
export type BrokerAppOptions = Omit<QueueOptions, 'closesIn'> & Pick<AppContext<unknown>, 'transport' | 'runtime' | 'logger' | 'metrics'>;

/** A Nest microservice that answers the messages of some protocols on one queue. The caller listens and closes. */
export async function createBrokerApp(root: Type | object, options: BrokerAppOptions): Promise<INestMicroservice> {
  const app = await NestFactory.createMicroservice(root as Type, {
    strategy: brokerServer(options, options),
    logger: nestLogger(options.logger),
    abortOnError: false,
  });
  app.useGlobalFilters(new BrokerExceptionFilter());
  return app;
}

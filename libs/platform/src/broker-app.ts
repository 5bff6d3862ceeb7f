import type { INestMicroservice, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Envelope, Transport } from '@aisle/broker';
import { BrokerExceptionFilter, BrokerServer, type BrokerServerOptions } from '@aisle/broker/nest';
import type { Runtime } from '@aisle/std';
import { errorFields, traceIdOf, type Logger } from '@aisle/telemetry';
import { nestLogger } from './nest-logger.ts';

/**
 * A Nest microservice that answers the messages of one queue. A failure that a handler throws goes
 * to the caller; a bug is logged once, here. The caller listens and closes.
 */
export async function createBrokerApp(
  root: Type | object,
  options: {
    transport: Transport;
    runtime: Runtime;
    logger: Logger;
    queue: string;
    /** See `BrokerServerOptions`. */
    elsewhere?: (envelope: Envelope) => string | undefined;
    /** See `BrokerServerOptions`. */
    reads?: BrokerServerOptions['reads'];
  },
): Promise<INestMicroservice> {
  const { transport, runtime, logger, queue, elsewhere, reads } = options;
  const strategy = new BrokerServer({
    transport,
    runtime,
    queue,
    ...(elsewhere && { elsewhere }),
    ...(reads && { reads }),
    onCrash: (error, { type, traceparent }) =>
      logger.error('command crashed', { type, traceId: traceIdOf(traceparent), ...errorFields(error) }),
  });
  const app = await NestFactory.createMicroservice(root as Type, {
    strategy,
    logger: nestLogger(logger),
    abortOnError: false,
  });
  app.useGlobalFilters(new BrokerExceptionFilter());
  return app;
}

import type { INestMicroservice, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Envelope, Transport } from '@aisle/broker';
import { BrokerExceptionFilter, BrokerServer, ProtocolEntry, type Route } from '@aisle/broker/nest';
import type { Runtime } from '@aisle/std';
import { errorFields, traceIdOf, type Logger, type Registry } from '@aisle/telemetry';
import { nestLogger } from './nest-logger.ts';
import { messageCounts } from './message-counts.ts';

/** What a broker app is made of. */
export interface BrokerAppOptions {
  readonly transport: Transport;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly queue: string;
  /** The protocols whose messages the app answers: each of them, and no other. */
  readonly protocols: readonly object[];
  /** Messages that actors answer themselves, by type; controllers answer the rest. */
  readonly routes?: ReadonlyMap<string, Route>;
  /** Whether this process answers for a shard. A message for another one goes to its protocol's managers, unless anyone answers it. */
  readonly owns?: (shard: number) => boolean;
  /** How many messages that take turns are answered at once; all of them unless given. */
  readonly turns?: number;
}

/**
 * A Nest microservice that answers the messages of some protocols on one queue. Each is looked at before it enters: a wrong one
 * is answered with a failure, and counted. A failure that a handler throws goes to the caller; a bug is logged once, here. The
 * caller listens and closes.
 */
export async function createBrokerApp(root: Type | object, options: BrokerAppOptions): Promise<INestMicroservice> {
  const { transport, runtime, logger, metrics, queue, protocols, routes, owns, turns } = options;
  const counts = messageCounts(metrics);
  const entry = new ProtocolEntry({ protocols, clock: runtime.clock, owns, onRefused: counts.refused });
  const elsewhere = ({ type, shard }: Envelope): string | undefined => {
    const message = entry.find(type);
    return !message || message.anyone || owns?.(shard) ? undefined : message.queue;
  };
  const takeTurns = [...entry.types].filter((type) => entry.find(type)?.takesTurns);
  const strategy = new BrokerServer({
    transport,
    runtime,
    queue,
    entry,
    ...(routes && { routes }),
    ...(owns && { elsewhere }),
    ...(turns && { reads: { types: new Set(takeTurns), atOnce: turns } }),
    onCrash: (error, { type, traceparent }) =>
      logger.error('command crashed', { type, traceId: traceIdOf(traceparent), ...errorFields(error) }),
  });
  counts.watch(strategy);
  const app = await NestFactory.createMicroservice(root as Type, {
    strategy,
    logger: nestLogger(logger),
    abortOnError: false,
  });
  app.useGlobalFilters(new BrokerExceptionFilter());
  return app;
}

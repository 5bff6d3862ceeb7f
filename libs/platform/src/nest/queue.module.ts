import type { Envelope } from '@aisle/broker';
import { BrokerServer, ProtocolEntry, type Route } from '@aisle/broker/nest';
import { ShutdownPlan, type ShutdownPhase } from '@aisle/std';
import { errorFields, traceIdOf } from '@aisle/telemetry';
import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { messageCounts } from '../message-counts.ts';
import type { AppContext } from '../run-app.ts';
import { APP_CONTEXT } from './platform.module.ts';
import { ServedQueue } from './served-queue.ts';

/** A queue, and the messages that are answered on it. */
export interface QueueOptions {
  readonly queue: string;
  /** The protocols whose messages the app answers: each of them, and no other. */
  readonly protocols: readonly object[];
  /** Messages that actors answer themselves, by type; controllers answer the rest. */
  readonly routes?: ReadonlyMap<string, Route>;
  /** Whether this process answers for a shard. A message for another one goes to its protocol's managers, unless anyone answers it. */
  readonly owns?: (shard: number) => boolean;
  /** How many messages that take turns are answered at once; all of them unless given. */
  readonly turns?: number;
  /** The phase of the shutdown in which the queue closes; `servers` unless given. */
  readonly closesIn?: ShutdownPhase;
}

type Ground = Pick<AppContext<unknown>, 'transport' | 'runtime' | 'logger' | 'metrics'>;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<QueueOptions>().setClassMethodName('forRoot').build();

/** Serves the app's queue: its controllers answer the messages of `protocols`. Provides the `BrokerServer`. */
@Module({
  providers: [{
    provide: BrokerServer,
    inject: [MODULE_OPTIONS_TOKEN, APP_CONTEXT, ShutdownPlan, ServedQueue],
    useFactory(options: QueueOptions, ground: Ground, plan: ShutdownPlan, served: ServedQueue): BrokerServer {
      const server = brokerServer(options, ground);
      served.server = server;
      plan.add({ phase: options.closesIn ?? 'servers', name: `queue ${options.queue}`, stop: () => server.close() });
      return server;
    },
  }],
  exports: [BrokerServer],
})
export class QueueModule extends ConfigurableModuleClass {}

/**
 * A server of the messages of some protocols on one queue. Each is looked at before it enters: a wrong one is answered with a
 * failure, and counted. A failure that a handler throws goes to the caller; a bug is logged once, here.
 */
export function brokerServer({ queue, protocols, routes, owns, turns }: QueueOptions, { transport, runtime, logger, metrics }: Ground): BrokerServer {
  const counts = messageCounts(metrics);
  const entry = new ProtocolEntry({ protocols, clock: runtime.clock, owns, onRefused: counts.refused });
  const elsewhere = ({ type, shard }: Envelope): string | undefined => {
    const message = entry.find(type);
    return !message || message.anyone || owns?.(shard) ? undefined : message.queue;
  };
  const takeTurns = [...entry.types].filter((type) => entry.find(type)?.takesTurns);
  const server = new BrokerServer({
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
  counts.watch(server);
  return server;
}

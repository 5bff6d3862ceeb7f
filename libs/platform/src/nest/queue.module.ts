import type { Envelope } from '@aisle/broker';
import { BrokerServer, ProtocolEntry, type Route } from '@aisle/broker/nest';
import { ClusterNode } from '@aisle/cluster';
import { ShutdownPlan, type ShutdownPhase } from '@aisle/std';
import { ConfigurableModuleBuilder, Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { messageCounts } from '../message-counts.ts';
import type { AppContext } from '../run-app.ts';
import { errorFields } from '../telemetry/logger.ts';
import { traceIdOf } from '../telemetry/trace.ts';
import { APP_CONTEXT, Incarnation } from './platform.module.ts';
import type { Token } from './provided.ts';
import { ServedQueue } from './served-queue.ts';

/** A queue, and the messages that are answered on it. */
export interface QueueOptions {
  /** Several close one after another, in this order. */
  readonly queue: string | readonly string[];
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

/** Messages to the actors of a process, on a queue of its own. */
export interface ActorQueueOptions<C> {
  readonly protocols: readonly object[];
  /** The provider that has the actors' routes, of one of the `imports`. */
  readonly actors: Token<{ readonly routes: ReadonlyMap<string, Route> }>;
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  /** As of `QueueOptions`. */
  readonly turns: (config: C) => number;
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
      return plan.register(options.closesIn ?? 'servers', `queue ${[options.queue].flat()[0]}`, server);
    },
  }],
  exports: [BrokerServer],
})
export class QueueModule extends ConfigurableModuleClass {
  /** Serves the queue of a node: its actors answer on the shards that it owns. */
  static forActors<C>({ protocols, actors, imports, turns }: ActorQueueOptions<C>): DynamicModule {
    return this.forRootAsync({
      imports,
      inject: [APP_CONTEXT, Incarnation, ClusterNode, actors],
      useFactory: ({ config }: AppContext<C>, { queue }: Incarnation, node: ClusterNode<object>, { routes }: Pick<QueueOptions, 'routes'>) =>
        ({ queue, protocols, ...(routes && { routes }), owns: (shard: number) => node.accepts(shard), turns: turns(config) }),
    });
  }
}

/**
 * A server of the messages of some protocols on one queue. Each is looked at before it enters: a wrong one is answered with a
 * failure, and counted. A failure that a handler throws goes to the caller; a bug is logged once, here.
 */
function brokerServer({ queue, protocols, routes, owns, turns }: QueueOptions, { transport, runtime, logger, metrics }: Ground): BrokerServer {
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

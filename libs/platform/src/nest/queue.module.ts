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

/** A queue and the messages that the app answers on it. */
export interface QueueOptions {
  /** The name of the queue. Several queues close one after another, in this order. */
  readonly queue: string | readonly string[];
  /** The protocols that the app answers. Each of their messages needs exactly one handler or route, and no other may have one. */
  readonly protocols: readonly object[];
  /** Routes of the messages that actors answer directly, by message type. Controllers answer the rest. */
  readonly routes?: ReadonlyMap<string, Route>;
  /** Whether this process owns a shard. A message for another shard is forwarded to the managers, unless any process may answer it. */
  readonly owns?: (shard: number) => boolean;
  /** The number of messages that take turns and are answered at once. Unlimited unless given. */
  readonly turns?: number;
  /** The shutdown phase in which the queue closes; `servers` unless given. */
  readonly closesIn?: ShutdownPhase;
}

/** Messages to the actors of a process, on the process's own queue. */
export interface ActorQueueOptions<C> {
  readonly protocols: readonly object[];
  /** The token of a provider with the actors' routes, from one of the `imports`. */
  readonly actors: Token<{ readonly routes: ReadonlyMap<string, Route> }>;
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  /** See `QueueOptions.turns`. */
  readonly turns: (config: C) => number;
}

type QueueContext = Pick<AppContext<unknown>, 'transport' | 'runtime' | 'logger' | 'metrics'>;

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<QueueOptions>().setClassMethodName('forRoot').build();

/** Serves the app's queue: controllers answer the messages of `protocols`. Provides the `BrokerServer`. */
@Module({
  providers: [{
    provide: BrokerServer,
    inject: [MODULE_OPTIONS_TOKEN, APP_CONTEXT, ShutdownPlan, ServedQueue],
    useFactory(options: QueueOptions, context: QueueContext, plan: ShutdownPlan, served: ServedQueue): BrokerServer {
      const server = brokerServer(options, context);
      served.server = server;
      return plan.register(options.closesIn ?? 'servers', `queue ${[options.queue].flat()[0]}`, server);
    },
  }],
  exports: [BrokerServer],
})
export class QueueModule extends ConfigurableModuleClass {
  /** Serves the queue of a node: its actors answer for the shards that the node owns. */
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
 * Creates the server of a queue. Every message is validated first: an invalid one is answered with a failure and counted. The
 * caller receives a failure that a handler throws. A bug is logged once, here.
 */
function brokerServer({ queue, protocols, routes, owns, turns }: QueueOptions, { transport, runtime, logger, metrics }: QueueContext): BrokerServer {
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

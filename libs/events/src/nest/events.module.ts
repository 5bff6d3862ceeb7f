import { ShutdownPlan, type ShutdownPhase } from '@aisle/std';
import { ConfigurableModuleBuilder, Global, Module, type DynamicModule, type InjectionToken, type ModuleMetadata } from '@nestjs/common';
import { EventConsumer, type EventConsumerOptions } from '../consumer/event-consumer.ts';
import type { EventHandler } from '../consumer/received-event.ts';
import { InboxPruner, type InboxPrunerOptions } from '../inbox/inbox-pruner.ts';
import { OutboxRelay, type OutboxRelayOptions } from '../outbox/outbox-relay.ts';

/** The database and the backbone of an app's events, and the observers of relay and consumers. */
export interface EventsModuleOptions extends Pick<OutboxRelayOptions, 'database' | 'backbone' | 'runtime'> {
  /** See `OutboxRelayOptions.keepFor`. An app without it publishes nothing and has no relay. */
  readonly keepFor?: OutboxRelayOptions['keepFor'] | undefined;
  readonly onRelayEvent?: OutboxRelayOptions['onEvent'];
  readonly onConsumerEvent?: EventConsumerOptions['onEvent'];
  /** The inbox of an app whose consumers record their events in one. It is pruned. */
  readonly inbox?: Pick<InboxPrunerOptions, 'client' | 'retentionMs' | 'onFailed'> | undefined;
}

/** A consumer of topics, and the provider that handles its events. */
export interface ConsumerDeclaration {
  readonly name: string;
  readonly topics: readonly string[];
  /** The token of a provider with a function `handle`, from one of the `imports`. */
  readonly handler: InjectionToken<{ readonly handle: EventHandler }>;
  /** The shutdown phase in which it stops; `readers` unless given. */
  readonly stopsIn?: ShutdownPhase;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<EventsModuleOptions>().setClassMethodName('forRoot').build();

/** Provides the relay of the app's outbox to all modules, and runs the app's consumers. */
@Global()
@Module({
  providers: [
    {
      provide: OutboxRelay,
      inject: [MODULE_OPTIONS_TOKEN, ShutdownPlan],
      useFactory: ({ keepFor, onRelayEvent: onEvent, ...options }: EventsModuleOptions, plan: ShutdownPlan) =>
        keepFor && plan.register('relays', 'outbox relay', new OutboxRelay({ ...options, keepFor, onEvent })),
    },
    {
      provide: InboxPruner,
      inject: [MODULE_OPTIONS_TOKEN, ShutdownPlan],
      useFactory: ({ inbox, runtime }: EventsModuleOptions, plan: ShutdownPlan) =>
        inbox && plan.register('readers', 'inbox pruner', new InboxPruner({ ...inbox, runtime })),
    },
  ],
  exports: [OutboxRelay, MODULE_OPTIONS_TOKEN],
})
export class EventsModule extends ConfigurableModuleClass {
  /** Runs consumers whose handlers are providers of `imports`. */
  static forFeature({ imports, consumers }: Pick<ModuleMetadata, 'imports'> & { readonly consumers: readonly ConsumerDeclaration[] }): DynamicModule {
    return {
      module: ConsumersModule,
      imports: imports ?? [],
      providers: consumers.map(({ name, topics, handler, stopsIn = 'readers' }) => ({
        provide: `consumer ${name}`,
        inject: [MODULE_OPTIONS_TOKEN, ShutdownPlan, handler],
        useFactory(options: EventsModuleOptions, plan: ShutdownPlan, { handle }: { readonly handle: EventHandler }): EventConsumer {
          const { database, backbone, runtime, onConsumerEvent: onEvent } = options;
          return plan.register(stopsIn, `consumer ${name}`, new EventConsumer({ name, topics, database, backbone, runtime, handle, onEvent }));
        },
      })),
    };
  }
}

@Module({})
class ConsumersModule {}

import { ShutdownPlan } from '@aisle/std';
import {
  ConfigurableModuleBuilder, Global, Module, type DynamicModule, type InjectionToken, type ModuleMetadata, type OnApplicationBootstrap,
} from '@nestjs/common';
import { EventConsumer, type EventConsumerOptions } from '../consumer/event-consumer.ts';
import type { EventHandler } from '../consumer/received-event.ts';
import { InboxPruner, type InboxPrunerOptions } from '../inbox/inbox-pruner.ts';
import { OutboxRelay, type OutboxRelayOptions } from '../outbox/outbox-relay.ts';

/** The database and the backbone of an app's events, and its reports of them. */
export interface EventsModuleOptions extends Pick<OutboxRelayOptions, 'database' | 'backbone' | 'runtime' | 'keepFor'> {
  readonly onRelayEvent?: OutboxRelayOptions['onEvent'];
  readonly onConsumerEvent?: EventConsumerOptions['onEvent'];
  /** The inbox of an app whose consumers note their events in one. */
  readonly inbox?: Pick<InboxPrunerOptions, 'client' | 'retentionMs' | 'onFailed'>;
}

/** A consumer of topics, and the provider that handles its events. */
export interface ConsumerDeclaration {
  readonly name: string;
  readonly topics: readonly string[];
  /** A provider with a method `handle`, of one of the `imports`. */
  readonly handler: InjectionToken<{ readonly handle: EventHandler }>;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<EventsModuleOptions>().setClassMethodName('forRoot').build();
const INBOX_PRUNER = Symbol('inbox pruner');

/** Starts a part when the app is complete; the `ShutdownPlan` stops it. */
class Started implements OnApplicationBootstrap {
  constructor(private readonly part: { start(): void }) {}

  onApplicationBootstrap(): void {
    this.part.start();
  }
}

/** Provides the relay of the app's outbox, everywhere in the app, and runs the app's consumers. */
@Global()
@Module({
  providers: [
    {
      provide: OutboxRelay,
      inject: [MODULE_OPTIONS_TOKEN, ShutdownPlan],
      useFactory(options: EventsModuleOptions, plan: ShutdownPlan): OutboxRelay {
        const relay = new OutboxRelay({ ...options, onEvent: options.onRelayEvent });
        plan.add({ phase: 'relays', name: 'outbox relay', stop: () => relay.stop() });
        return relay;
      },
    },
    { provide: Started, inject: [OutboxRelay], useFactory: (relay: OutboxRelay) => new Started(relay) },
    {
      provide: INBOX_PRUNER,
      inject: [MODULE_OPTIONS_TOKEN, ShutdownPlan],
      useFactory({ inbox, runtime }: EventsModuleOptions, plan: ShutdownPlan): Started | undefined {
        if (!inbox) return undefined;
        const pruner = new InboxPruner({ ...inbox, runtime });
        plan.add({ phase: 'readers', name: 'inbox pruner', stop: () => pruner.stop() });
        return new Started(pruner);
      },
    },
  ],
  exports: [OutboxRelay, MODULE_OPTIONS_TOKEN],
})
export class EventsModule extends ConfigurableModuleClass {
  /** Consumers whose handlers are providers of `imports`. */
  static forFeature({ imports, consumers }: Pick<ModuleMetadata, 'imports'> & { readonly consumers: readonly ConsumerDeclaration[] }): DynamicModule {
    return {
      module: ConsumersModule,
      imports: imports ?? [],
      providers: consumers.map(({ name, topics, handler }) => ({
        provide: `consumer ${name}`,
        inject: [MODULE_OPTIONS_TOKEN, ShutdownPlan, handler],
        useFactory(options: EventsModuleOptions, plan: ShutdownPlan, { handle }: { readonly handle: EventHandler }): Started {
          const { database, backbone, runtime, onConsumerEvent: onEvent } = options;
          const consumer = new EventConsumer({ name, topics, database, backbone, runtime, handle, onEvent });
          plan.add({ phase: 'readers', name: `consumer ${name}`, stop: () => consumer.stop() });
          return new Started(consumer);
        },
      })),
    };
  }
}

@Module({})
class ConsumersModule {}

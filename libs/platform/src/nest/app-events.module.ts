import { EventsModule, type ConsumerDeclaration } from '@aisle/events/nest';
import { DataSource } from '@aisle/persistence/nest';
import {
  Inject, Module, type DynamicModule, type ModuleMetadata, type OnApplicationBootstrap, type OnApplicationShutdown,
} from '@nestjs/common';
import { consumerReport, failureReport, relayReport } from '../reports.ts';
import type { AppContext } from '../run-app.ts';
import { showConsumers, showDeadLetters } from '../show-events.ts';
import { APP_CONTEXT, CONNECTION, type AppConnection } from './platform.module.ts';
import { token } from './provided.ts';

/** The events that an app publishes and reads. */
export interface AppEventsOptions {
  /** The app's own topics, each with its consumers. Events are retained for each consumer, even before its first start. */
  readonly publishes?: Readonly<Record<string, readonly string[]>>;
  /** The app's consumers. Their handlers are providers of `imports`. */
  readonly consumers?: readonly ConsumerDeclaration[];
  readonly imports?: ModuleMetadata['imports'];
}

type Context = AppContext<{ readonly INBOX_RETENTION_MS?: number }>;

const OPTIONS = token<AppEventsOptions>('events of the app');

/**
 * Publishes and consumes an app's events, in its own schema. The ops port shows the consumers of its topics and the dead letters
 * of its own consumers. If the configuration has `INBOX_RETENTION_MS`, the app's inbox is pruned.
 */
@Module({})
export class AppEventsModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private letters: { close(): Promise<void> } | undefined;

  constructor(
    @Inject(OPTIONS) private readonly options: AppEventsOptions,
    @Inject(APP_CONTEXT) private readonly context: Context,
    @Inject(CONNECTION) private readonly connection: AppConnection,
    @Inject(DataSource) private readonly client: DataSource,
  ) {}

  static forRoot(options: AppEventsOptions): DynamicModule {
    const { publishes, consumers = [], imports = [] } = options;
    return {
      module: AppEventsModule,
      imports: [
        EventsModule.forRootAsync({
          inject: [APP_CONTEXT, CONNECTION, DataSource],
          useFactory: async (context: Context, database: AppConnection, client: DataSource) => {
            const { runtime, config: { INBOX_RETENTION_MS: retentionMs } } = context;
            return {
              database, runtime, backbone: await context.backbone(), keepFor: publishes,
              ...(publishes && { onRelayEvent: relayReport(context) }),
              ...(consumers.length > 0 && { onConsumerEvent: consumerReport(context) }),
              inbox: retentionMs === undefined ? undefined : { client, retentionMs, onFailed: failureReport(context, 'inbox not pruned') },
            };
          },
        }),
        EventsModule.forFeature({ imports, consumers }),
      ],
      providers: [{ provide: OPTIONS, useValue: options }],
    };
  }

  onApplicationBootstrap(): void {
    const { options: { publishes, consumers = [] }, context, connection, client } = this;
    if (consumers.length > 0) this.letters = showDeadLetters(context, { connection, consumers: consumers.map(({ name }) => name) });
    if (publishes) showConsumers(context, { connection, client, topics: Object.keys(publishes) });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.letters?.close();
  }
}

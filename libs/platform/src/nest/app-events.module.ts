import { EventsModule, type ConsumerDeclaration } from '@aisle/events/nest';
import { DataSource } from '@aisle/persistence/nest';
import { Module, type DynamicModule, type ModuleMetadata } from '@nestjs/common';
import { consumerReport, failureReport, relayReport } from '../reports.ts';
import type { AppContext } from '../run-app.ts';
import { EventViewsModule } from './event-views.module.ts';
import { APP_CONTEXT, CONNECTION, type AppConnection } from './platform.module.ts';

/** The events that an app publishes and reads. */
export interface AppEventsOptions {
  /** The app's own topics, each with the consumers for whom events are kept even before their first start. */
  readonly publishes?: Readonly<Record<string, readonly string[]>>;
  /** The app's consumers. Their handlers are providers of `imports`. */
  readonly consumers?: readonly ConsumerDeclaration[];
  readonly imports?: ModuleMetadata['imports'];
}

/**
 * Publishes and reads an app's events, in its own schema, and shows both to operators. Where the configuration has
 * `INBOX_RETENTION_MS`, the app's inbox is pruned.
 */
@Module({})
export class AppEventsModule {
  static forRoot({ publishes, consumers = [], imports }: AppEventsOptions): DynamicModule {
    return {
      module: AppEventsModule,
      imports: [
        EventsModule.forRootAsync({
          inject: [APP_CONTEXT, CONNECTION, DataSource],
          useFactory: async (context: AppContext<{ readonly INBOX_RETENTION_MS?: number }>, database: AppConnection, client: DataSource) => {
            const { runtime, config: { INBOX_RETENTION_MS: retentionMs } } = context;
            return {
              database, runtime, backbone: await context.backbone(), keepFor: publishes,
              ...(publishes && { onRelayEvent: relayReport(context) }), ...(consumers.length > 0 && { onConsumerEvent: consumerReport(context) }),
              inbox: retentionMs === undefined ? undefined : { client, retentionMs, onFailed: failureReport(context, 'inbox not pruned') },
            };
          },
        }),
        EventsModule.forFeature({ imports: imports ?? [], consumers }),
        EventViewsModule.forRootAsync({
          inject: [CONNECTION, DataSource],
          useFactory: (connection: AppConnection, client: DataSource) => ({
            connection,
            ...(consumers.length > 0 && { consumers: consumers.map(({ name }) => name) }),
            ...(publishes && { tells: { client, topics: Object.keys(publishes) } }),
          }),
        }),
      ],
    };
  }
}

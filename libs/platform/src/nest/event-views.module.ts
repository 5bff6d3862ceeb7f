import { ConfigurableModuleBuilder, Inject, Module, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { AppContext } from '../run-app.ts';
import { showConsumers, showDeadLetters, type ReaderParts, type TellerParts } from '../show-events.ts';
import { APP_CONTEXT } from './platform.module.ts';

/** What operators see of an app's events: the dead letters of its consumers, and the consumers of its topics. */
export interface EventViewsOptions {
  readonly connection: ReaderParts['connection'];
  /** The app's own consumers; none unless given. */
  readonly consumers?: ReaderParts['consumers'];
  /** The app's topics, and a connection in the schema of its outbox. */
  readonly tells?: Omit<TellerParts, 'connection'>;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<EventViewsOptions>().setClassMethodName('forRoot').build();

/** Shows an app's events on its ops port. */
@Module({})
export class EventViewsModule extends ConfigurableModuleClass implements OnApplicationBootstrap, OnApplicationShutdown {
  private letters: { close(): Promise<void> } | undefined;

  constructor(
    @Inject(APP_CONTEXT) private readonly context: Pick<AppContext<unknown>, 'view' | 'operation'>,
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: EventViewsOptions,
  ) {
    super();
  }

  onApplicationBootstrap(): void {
    const { connection, consumers, tells } = this.options;
    if (consumers) this.letters = showDeadLetters(this.context, { connection, consumers });
    if (tells) showConsumers(this.context, { connection, ...tells });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.letters?.close();
  }
}

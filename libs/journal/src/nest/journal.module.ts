import { ShutdownPlan, type Runtime } from '@aisle/std';
import { ConfigurableModuleBuilder, Global, Module } from '@nestjs/common';
import { Journal } from '../journal.ts';
import { PostgresStorage, type PostgresStorageOptions } from '../postgres/postgres-storage.ts';

/** The database of the journal, the writing process, and its runtime. */
export interface JournalModuleOptions extends PostgresStorageOptions {
  readonly runtime: Runtime;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<JournalModuleOptions>().setClassMethodName('forRoot').build();

/** Provides the app's `Journal` to all modules. It closes after all parts that write to it. */
@Global()
@Module({
  providers: [{
    provide: Journal,
    inject: [MODULE_OPTIONS_TOKEN, ShutdownPlan],
    useFactory: (options: JournalModuleOptions, plan: ShutdownPlan) =>
      plan.register('journal', 'journal', new Journal({ storage: new PostgresStorage(options), runtime: options.runtime })),
  }],
  exports: [Journal],
})
export class JournalModule extends ConfigurableModuleClass {}

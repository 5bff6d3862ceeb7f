import { ConfigurableModuleBuilder, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { createDataSource, type DataSourceOptions } from '../data-source.ts';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<DataSourceOptions>().setClassMethodName('forRoot').build();

/**
 * Provides the app's `DataSource` in all of its modules. It connects when the app starts; the start fails with
 * `DatabaseFailure.unavailable` if the server is away. It closes once all parts of the `ShutdownPlan` have stopped.
 */
@Global()
@Module({
  providers: [{ provide: DataSource, inject: [MODULE_OPTIONS_TOKEN], useFactory: createDataSource }],
  exports: [DataSource],
})
export class PersistenceModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@Inject(DataSource) private readonly database: DataSource) {
    super();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.database.destroy();
  }
}

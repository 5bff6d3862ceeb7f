import type { DataSourceOptions } from '@aisle/persistence';
import { PersistenceModule } from '@aisle/persistence/nest';
import type { DynamicModule } from '@nestjs/common';
import type { AppContext } from '../run-app.ts';
import { APP_CONTEXT, CONNECTION, type AppConnection } from './platform.module.ts';

/** Provides the app's `DataSource` in the app's own schema. */
export class DatabaseModule {
  /** `optionsOf` derives the further options, such as the size of the pool, from the app's configuration. */
  static forRoot<C>(optionsOf: (config: C) => Omit<DataSourceOptions, keyof AppConnection>): DynamicModule {
    return PersistenceModule.forRootAsync({
      inject: [APP_CONTEXT, CONNECTION],
      useFactory: ({ config }: AppContext<C>, connection: AppConnection) => ({ ...connection, ...optionsOf(config) }),
    });
  }
}

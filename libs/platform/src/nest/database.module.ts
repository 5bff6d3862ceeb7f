import type { DataSourceOptions } from '@aisle/persistence';
import { PersistenceModule } from '@aisle/persistence/nest';
import type { DynamicModule } from '@nestjs/common';
import type { AppContext } from '../run-app.ts';
import { APP_CONTEXT, CONNECTION, type AppConnection } from './platform.module.ts';

/** The app's `DataSource`, in its own schema. */
export class DatabaseModule {
  /** Connected as a configuration says. */
  static forRoot<C>(optionsOf: (config: C) => Omit<DataSourceOptions, keyof AppConnection>): DynamicModule {
    return PersistenceModule.forRootAsync({
      inject: [APP_CONTEXT, CONNECTION],
      useFactory: ({ config }: AppContext<C>, connection: AppConnection) => ({ ...connection, ...optionsOf(config) }),
    });
  }
}

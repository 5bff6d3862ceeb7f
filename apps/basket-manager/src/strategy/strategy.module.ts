import { StrategyProtocol } from '@aisle/contracts';
import { Announcements, naming } from '@aisle/persistence';
import { DataSource, PersistenceModule } from '@aisle/persistence/nest';
import { APP_CONTEXT, QueueModule } from '@aisle/platform';
import { StrategyRollout } from '@aisle/pricing/lifecycle';
import { PostgresStrategyStore } from '@aisle/pricing/postgres';
import { Module } from '@nestjs/common';
import type { BasketManagerContext } from '../basket-manager.config.ts';
import { Strategies } from './strategies.ts';
import { StrategyInbox } from './strategy.inbox.ts';

// Until there are tenants, every strategy belongs to one.
const TENANT = 'default';
const CONNECTIONS = 2;
/** Reads leave a connection to switch strategies off by. */
const READS_AT_ONCE = CONNECTIONS - 1;
/** Longest wait for the first connection. */
const START_WITHIN_MS = 30_000;

/** Answers the messages of strategies that need no sandbox. Any number of managers answer side by side. */
@Module({
  imports: [
    PersistenceModule.forRootAsync({
      inject: [APP_CONTEXT],
      useFactory: ({ config }: BasketManagerContext) => ({
        url: config.DATABASE_URL, schema: 'basket', applicationName: config.INSTANCE, poolMax: CONNECTIONS, connectTimeoutMs: START_WITHIN_MS,
      }),
    }),
    QueueModule.forRoot({ queue: StrategyProtocol.list.queue, protocols: [StrategyProtocol], turns: READS_AT_ONCE }),
  ],
  controllers: [StrategyInbox],
  providers: [
    {
      provide: PostgresStrategyStore,
      inject: [DataSource, APP_CONTEXT],
      useFactory: (database: DataSource, { runtime, config }: BasketManagerContext) => naming(config.DATABASE_URL, new PostgresStrategyStore({
        database, tenant: TENANT, runtime, ear: (channel, onHeard) => new Announcements(database, channel, onHeard),
      })),
    },
    {
      provide: Strategies,
      inject: [PostgresStrategyStore, APP_CONTEXT],
      useFactory: (store: PostgresStrategyStore, { runtime }: BasketManagerContext) =>
        new Strategies({ store, rollout: new StrategyRollout({ store, runtime }) }),
    },
  ],
})
export class StrategyModule {}

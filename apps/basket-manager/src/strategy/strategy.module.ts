import { StrategyProtocol } from '@aisle/contracts';
import { Announcements, withDatabaseErrors } from '@aisle/persistence';
import { DataSource } from '@aisle/persistence/nest';
import { CONNECTION, DatabaseModule, QueueModule, RUNTIME, provided } from '@aisle/platform';
import { StrategyRollout } from '@aisle/pricing/lifecycle';
import { PostgresStrategyStore } from '@aisle/pricing/postgres';
import { Module } from '@nestjs/common';
import { StrategyOperations } from './strategy-operations.ts';
import { StrategyInbox } from './strategy.inbox.ts';

// There is one tenant so far.
const TENANT = 'default';
const CONNECTIONS = 2;

/** Answers the messages about strategies that need no sandbox. Any number of managers answer side by side. */
@Module({
  imports: [
    // On a busy machine the first connection takes a while.
    DatabaseModule.forRoot(() => ({ poolMax: CONNECTIONS, connectTimeoutMs: 30_000 })),
    // Reads leave one connection free for switching strategies off.
    QueueModule.forRoot({ queue: StrategyProtocol.list.queue, protocols: [StrategyProtocol], turns: CONNECTIONS - 1 }),
  ],
  controllers: [StrategyInbox],
  providers: [
    provided(PostgresStrategyStore, { database: DataSource, runtime: RUNTIME, connection: CONNECTION }, ({ database, runtime, connection }) =>
      withDatabaseErrors(connection.url, new PostgresStrategyStore({
        database, tenant: TENANT, runtime, ear: (channel, onHeard) => new Announcements(database, channel, onHeard),
      }))),
    provided(StrategyRollout, { store: PostgresStrategyStore, runtime: RUNTIME }),
    provided(StrategyOperations, { store: PostgresStrategyStore, rollout: StrategyRollout }),
  ],
})
export class StrategyModule {}

import type { Transport } from '@aisle/broker';
import { StrategyProtocol } from '@aisle/contracts';
import { Announcements, createDataSource, naming } from '@aisle/persistence';
import { createBrokerApp } from '@aisle/platform';
import { StrategyRollout } from '@aisle/pricing/lifecycle';
import { PostgresStrategyStore } from '@aisle/pricing/postgres';
import type { Runtime } from '@aisle/std';
import type { Logger, Registry } from '@aisle/telemetry';
import { Strategies } from './strategies.ts';
import { StrategyModule } from './strategy.module.ts';

// Until there are tenants, every strategy belongs to one.
const TENANT = 'default';
const CONNECTIONS = 2;
/** Reads leave a connection to switch strategies off by. */
const READS_AT_ONCE = CONNECTIONS - 1;
/** Longest wait for the first connection. */
const START_WITHIN_MS = 30_000;

export interface StrategyOptions {
  readonly transport: Transport;
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** The database that holds basket-server's schema. */
  readonly databaseUrl: string;
  readonly instance: string;
}

/** Answers the messages of strategies that need no sandbox. Any number of managers answer side by side. */
export async function startStrategies(
  { transport, runtime, logger, metrics, databaseUrl, instance }: StrategyOptions,
): Promise<{ stop(): Promise<void> }> {
  const database = await createDataSource({
    url: databaseUrl, schema: 'basket', applicationName: instance, poolMax: CONNECTIONS, connectTimeoutMs: START_WITHIN_MS,
  });
  const store = naming(databaseUrl, new PostgresStrategyStore({
    database, tenant: TENANT, runtime, ear: (channel, onHeard) => new Announcements(database, channel, onHeard),
  }));
  const strategies = new Strategies({ store, rollout: new StrategyRollout({ store, runtime }) });
  const server = await createBrokerApp(StrategyModule.with(strategies), {
    transport, runtime, logger, metrics, queue: StrategyProtocol.list.queue, protocols: [StrategyProtocol], turns: READS_AT_ONCE,
  });
  await server.listen();
  return {
    async stop() {
      await server.close();
      await database.destroy();
    },
  };
}

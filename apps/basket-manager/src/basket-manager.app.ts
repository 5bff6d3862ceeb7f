import type { Envelope } from '@aisle/broker';
import { ClusterManager, ClusterRepository } from '@aisle/cluster';
import { BASKET_MESSAGES, SHARDS, STRATEGY_MESSAGES, actorKey, shardOf } from '@aisle/contracts';
import { createPool } from '@aisle/persistence';
import { BaseConfig, LeaseConfig, type AppContext, type RunningApp } from '@aisle/platform';
import { Failure } from '@aisle/std';
import { Gauge, errorFields } from '@aisle/telemetry';
import { z } from 'zod';

const BasketManagerConfig = BaseConfig.extend({
  /** The app role's. Only the cluster tables are read and written. */
  DATABASE_URL: z.url(),
  ...LeaseConfig.shape,
});

type Context = AppContext<z.infer<typeof BasketManagerConfig>>;

class UnknownCommand extends Failure {
  readonly kind = 'missing';
  readonly code = 'command.unknown';
  constructor(type: string) {
    super('no app answers this type of command', { type });
  }
}

const TYPES = new Set<string>([...Object.values(BASKET_MESSAGES), ...Object.values(STRATEGY_MESSAGES)]);
const BLIND_MS = 5_000;

/**
 * Gives the basket-servers their shards, and routes commands to the owner of their basket. Any number of them
 * run side by side.
 */
export const basketManager = { name: 'basket-manager', config: BasketManagerConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const { config, logger, runtime, transport, health, metrics } = context;
  const pool = createPool({
    url: config.DATABASE_URL,
    schema: 'basket',
    applicationName: config.INSTANCE,
    poolMax: 2,
  });
  const manager = new ClusterManager({
    storage: new ClusterRepository(pool, SHARDS.basket),
    transport,
    runtime,
    queue: 'basket-manager',
    shardOf: basketShard,
    times: { leaseMs: config.LEASE_MS, marginMs: config.LEASE_MARGIN_MS },
    onEvent(event) {
      if ('error' in event) logger.warn(event.kind, errorFields(event.error));
      else logger.info(event.kind, event);
    },
  });
  await manager.start();

  health.check('owners', () => (manager.isUsable ? undefined : 'no basket-server is known to be alive'));
  health.check('view', () =>
    runtime.clock.monotonicMs() - manager.seenAtMs > BLIND_MS ? 'the cluster tables were not read for 5 s' : undefined,
  );
  context.view('routes', () => manager.routes);
  new Gauge({
    name: 'manager_commands_held',
    help: 'commands that wait for an owner',
    registers: [metrics],
    collect() {
      this.set(manager.holding);
    },
  });

  return {
    async stop() {
      await manager.stop();
      await pool.end();
    },
  };
}

function basketShard({ type, tenant, market, actor }: Envelope): number {
  if (!TYPES.has(type)) throw new UnknownCommand(type);
  return shardOf('basket', actorKey(tenant, market, actor));
}

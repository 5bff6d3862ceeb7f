import type { Envelope } from '@aisle/broker';
import { ClusterManager, ClusterRepository } from '@aisle/cluster';
import { SHARDS, actorKey, queueOf, shardOf, type ShardGroup } from '@aisle/contracts';
import { createPool } from '@aisle/persistence';
import { BaseConfig, LeaseConfig, type AppContext, type RunningApp } from '@aisle/platform';
import { Failure } from '@aisle/std';
import { Gauge, errorFields } from '@aisle/telemetry';
import { z } from 'zod';
import { ServedGroups } from './groups.config.ts';
import { startStrategies } from './strategy/start-strategies.ts';

const BasketManagerConfig = BaseConfig.extend({
  /** The app role's. The manager reads and writes only the cluster tables and the strategy tables. */
  DATABASE_URL: z.url(),
  ...LeaseConfig.shape,
  ...ServedGroups.shape,
});

type Context = AppContext<z.infer<typeof BasketManagerConfig>>;

class UnknownCommand extends Failure {
  readonly kind = 'missing';
  readonly code = 'command.unknown';
  constructor(type: string) {
    super('no app answers this type of command', { type });
  }
}

/** Each group's tables lie in the schema of the app that hosts it, and its commands come in on a queue of their own. */
const GROUPS: readonly { group: ShardGroup; queue: string; hosts: string }[] = [
  { group: 'basket', queue: 'basket-manager', hosts: 'basket-server' },
  { group: 'market', queue: 'market-manager', hosts: 'market' },
];
/** The strategy tables lie in this group's schema. */
const STRATEGIES_GROUP: ShardGroup = 'basket';
const BLIND_MS = 5_000;

/**
 * Gives basket-servers and market processes their shards, and routes commands to the owner of their basket or
 * market. A manager that serves baskets also changes which strategies are in force: switching a script off must not need a
 * healthy basket-server. Any number of managers run side by side.
 */
export const basketManager = { name: 'basket-manager', config: BasketManagerConfig, start };

async function start(context: Context): Promise<RunningApp> {
  const served = GROUPS.filter(({ group }) => context.config.SHARD_GROUPS.includes(group));
  const started = await Promise.all(served.map((one) => manage(context, one)));
  const { config, logger, runtime, transport } = context;
  const strategies = served.some(({ group }) => group === STRATEGIES_GROUP)
    ? await startStrategies({ transport, runtime, logger, databaseUrl: config.DATABASE_URL, instance: config.INSTANCE })
    : undefined;
  new Gauge({
    name: 'manager_commands_held',
    help: 'commands that wait for an owner',
    labelNames: ['group'],
    registers: [context.metrics],
    collect() {
      for (const { group, manager } of started) this.set({ group }, manager.holding);
    },
  });
  context.view('routes', () => Object.fromEntries(started.map(({ group, manager }) => [group, manager.routes])));
  return {
    async stop() {
      await Promise.all([...started.map(({ stop }) => stop()), strategies?.stop()]);
    },
  };
}

async function manage(
  { config, logger, runtime, transport, health }: Context,
  { group, queue, hosts }: (typeof GROUPS)[number],
): Promise<{ group: ShardGroup; manager: ClusterManager; stop(): Promise<void> }> {
  const pool = createPool({ url: config.DATABASE_URL, schema: group, applicationName: config.INSTANCE, poolMax: 2 });
  const manager = new ClusterManager({
    storage: new ClusterRepository(pool, SHARDS[group]),
    transport,
    runtime,
    queue,
    shardOf: (envelope) => shardIn(group, queue, envelope),
    times: { leaseMs: config.LEASE_MS, marginMs: config.LEASE_MARGIN_MS },
    onEvent(event) {
      if ('error' in event) logger.warn(event.kind, { group, ...errorFields(event.error) });
      else logger.info(event.kind, { group, ...event });
    },
  });
  await manager.start();

  health.check(`${group} owners`, () => (manager.isUsable ? undefined : `no ${hosts} is known to be alive`));
  health.check(`${group} view`, () =>
    runtime.clock.monotonicMs() - manager.seenAtMs > BLIND_MS ? 'the cluster tables were not read for 5 s' : undefined,
  );
  return {
    group,
    manager,
    async stop() {
      await manager.stop();
      await pool.end();
    },
  };
}

function shardIn(group: ShardGroup, queue: string, { type, tenant, market, actor }: Envelope): number {
  if (queueOf(type) !== queue) throw new UnknownCommand(type);
  return shardOf(group, actorKey(tenant, market, actor));
}

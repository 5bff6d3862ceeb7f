import type { Envelope } from '@aisle/broker';
import { ClusterManager, ClusterRepository } from '@aisle/cluster';
import {
  MessageUnknown, ROUTERS, SHARDS, actorKey, checkHeader, messageOfType, shardOf, type ShardGroup,
} from '@aisle/contracts';
import { createPool } from '@aisle/persistence';
import { BaseConfig, LeaseConfig, messageCounts, type AppContext, type MessageCounts, type RunningApp } from '@aisle/platform';
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

/** Each group's tables lie in the schema of the app that hosts it. */
const GROUPS: readonly { group: ShardGroup; hosts: string }[] = [
  { group: 'basket', hosts: 'basket-server' },
  { group: 'market', hosts: 'market' },
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
  const { config, logger, runtime, transport, metrics } = context;
  const strategies = served.some(({ group }) => group === STRATEGIES_GROUP)
    ? await startStrategies({ transport, runtime, logger, metrics, databaseUrl: config.DATABASE_URL, instance: config.INSTANCE })
    : undefined;
  new Gauge({
    name: 'manager_commands_held',
    help: 'commands that wait for an owner',
    labelNames: ['group'],
    registers: [metrics],
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
  { config, logger, runtime, transport, health, metrics }: Context,
  { group, hosts }: (typeof GROUPS)[number],
): Promise<{ group: ShardGroup; manager: ClusterManager; stop(): Promise<void> }> {
  const counts = messageCounts(metrics);
  const pool = createPool({ url: config.DATABASE_URL, schema: group, applicationName: config.INSTANCE, poolMax: 2 });
  const manager = new ClusterManager({
    storage: new ClusterRepository(pool, SHARDS[group]),
    transport,
    runtime,
    queue: ROUTERS[group],
    shardOf: (envelope) => shardIn(group, envelope, { counts, nowMs: runtime.clock.nowMs() }),
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

/** The shard of the thing that a message is for. Throws, and counts, `command.unknown` and `message.header_invalid`. */
function shardIn(group: ShardGroup, envelope: Envelope, { counts, nowMs }: { counts: MessageCounts; nowMs: number }): number {
  const { type, tenant, market, actor } = envelope;
  const message = messageOfType(type);
  const isOurs = message?.queue === ROUTERS[group];
  try {
    if (!isOurs) throw new MessageUnknown(type);
    checkHeader(envelope, nowMs);
  } catch (refusal) {
    counts.refused(isOurs ? 'header' : 'type', isOurs ? message : undefined);
    throw refusal;
  }
  return shardOf(group, actorKey(tenant, market, actor));
}

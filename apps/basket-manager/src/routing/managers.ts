import type { Envelope } from '@aisle/broker';
import { ClusterManager, ClusterRepository } from '@aisle/cluster';
import { MessageFailure, ROUTERS, SHARDS, actorKey, checkHeader, messageOfType, shardOf, type ShardGroup } from '@aisle/contracts';
import { createPool } from '@aisle/persistence';
import { Gauge, errorFields, messageCounts, type AppConnection, type AppContext, type MessageCounts } from '@aisle/platform';
import type { BasketManagerConfig } from '../basket-manager.config.ts';

/** The app that hosts each shard group. */
const HOSTS: Readonly<Record<ShardGroup, string>> = { basket: 'basket-server', market: 'market' };
const STALE_VIEW_MS = 5_000;

interface ServedGroup {
  readonly group: ShardGroup;
  readonly manager: ClusterManager;
  readonly pool: ReturnType<typeof createPool>;
}

/** The managers of the shard groups that this process serves. They place shards, and route commands to the owners. */
export class Managers {
  private readonly served: readonly ServedGroup[];

  constructor(private readonly context: AppContext<BasketManagerConfig>, connection: AppConnection) {
    this.served = [...new Set(context.config.SHARD_GROUPS)].map((group) => {
      const pool = createPool({ ...connection, schema: group, poolMax: 2 });
      return { group, pool, manager: managerOf(group, new ClusterRepository(pool, SHARDS[group]), context) };
    });
  }

  /** Starts routing commands. Rejects with the error of a group's storage. */
  async start(): Promise<void> {
    await Promise.all(this.served.map(({ manager }) => manager.start()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.served.map(({ manager }) => manager.stop()));
  }

  /** Closes the connections to the database. */
  async close(): Promise<void> {
    await Promise.all(this.served.map(({ pool }) => pool.end()));
  }

  /** Adds health checks of the groups' hosts and of this process's view of them, the view `/ops/routes`, and `manager_commands_held`. */
  show(): void {
    const { served, context: { health, runtime, metrics, view } } = this;
    for (const { group, manager } of served) {
      health.check(`${group} owners`, () => (manager.isUsable ? undefined : `no ${HOSTS[group]} is known to be alive`));
      health.check(`${group} view`, () =>
        runtime.clock.monotonicMs() - manager.seenAtMs > STALE_VIEW_MS ? 'the cluster tables were not read for 5 s' : undefined);
    }
    new Gauge({
      name: 'manager_commands_held',
      help: 'commands that wait for an owner',
      labelNames: ['group'],
      registers: [metrics],
      collect() {
        for (const { group, manager } of served) this.set({ group }, manager.holding);
      },
    });
    view('routes', () => Object.fromEntries(served.map(({ group, manager }) => [group, manager.routes])));
  }
}

function managerOf(group: ShardGroup, storage: ClusterRepository, context: AppContext<BasketManagerConfig>): ClusterManager {
  const { config, logger, runtime, transport, metrics } = context;
  const counts = messageCounts(metrics);
  return new ClusterManager({
    storage, transport, runtime,
    queue: ROUTERS[group],
    shardOf: (envelope) => shardIn(group, envelope, { counts, nowMs: runtime.clock.nowMs() }),
    times: { leaseMs: config.LEASE_MS, marginMs: config.LEASE_MARGIN_MS },
    onEvent(event) {
      if ('error' in event) logger.warn(event.kind, { group, ...errorFields(event.error) });
      else logger.info(event.kind, { group, ...event });
    },
  });
}

/** The shard of a message's addressee. Throws and counts `command.unknown` and `message.header_invalid`. */
function shardIn(group: ShardGroup, envelope: Envelope, { counts, nowMs }: { counts: MessageCounts; nowMs: number }): number {
  const { type, tenant, market, actor } = envelope;
  const message = messageOfType(type);
  const isOurs = message?.queue === ROUTERS[group];
  try {
    if (!isOurs) throw MessageFailure.unknown(type);
    checkHeader(envelope, nowMs);
  } catch (refusal) {
    counts.refused(isOurs ? 'header' : 'type', isOurs ? message : undefined);
    throw refusal;
  }
  return shardOf(group, actorKey(tenant, market, actor));
}

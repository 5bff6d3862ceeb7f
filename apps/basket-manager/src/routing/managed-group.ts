import type { Envelope } from '@aisle/broker';
import { ClusterManager, ClusterRepository } from '@aisle/cluster';
import { MessageUnknown, ROUTERS, SHARDS, actorKey, checkHeader, messageOfType, shardOf, type ShardGroup } from '@aisle/contracts';
import { createPool } from '@aisle/persistence';
import { messageCounts, type MessageCounts } from '@aisle/platform';
import { errorFields } from '@aisle/telemetry';
import type { BasketManagerContext } from '../basket-manager.config.ts';

/** A shard group, and the app that hosts it. Each group's tables lie in the schema of that app. */
export interface HostedGroup {
  readonly group: ShardGroup;
  readonly hosts: string;
}

export const GROUPS: readonly HostedGroup[] = [
  { group: 'basket', hosts: 'basket-server' },
  { group: 'market', hosts: 'market' },
];
const BLIND_MS = 5_000;

/** The manager of one group in this process. */
export class ManagedGroup {
  readonly group: ShardGroup;
  readonly manager: ClusterManager;
  private readonly pool: ReturnType<typeof createPool>;

  constructor(private readonly context: BasketManagerContext, private readonly hosted: HostedGroup) {
    const { config, logger, runtime, transport, metrics } = context;
    const { group } = hosted;
    const counts = messageCounts(metrics);
    this.group = group;
    this.pool = createPool({ url: config.DATABASE_URL, schema: group, applicationName: config.INSTANCE, poolMax: 2 });
    this.manager = new ClusterManager({
      storage: new ClusterRepository(this.pool, SHARDS[group]),
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
  }

  /** Ready says whether anybody hosts the group, and whether this process sees it. */
  showHealth(health: BasketManagerContext['health']): void {
    const { manager, group, hosted: { hosts }, context: { runtime } } = this;
    health.check(`${group} owners`, () => (manager.isUsable ? undefined : `no ${hosts} is known to be alive`));
    health.check(`${group} view`, () =>
      runtime.clock.monotonicMs() - manager.seenAtMs > BLIND_MS ? 'the cluster tables were not read for 5 s' : undefined,
    );
  }

  async close(): Promise<void> {
    await this.pool.end();
  }
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

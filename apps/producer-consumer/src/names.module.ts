import { NameRepository } from '@aisle/cluster';
import { createPool } from '@aisle/persistence';
import { CONNECTION, Incarnation, errorFields, provided, token, type AppConnection, type Logger } from '@aisle/platform';
import { ClusterRegistry, type NameStorage } from '@aisle/registry';
import { ShutdownPlan } from '@aisle/std';
import { System, type Crash, type Ref } from '@aisle/supervision';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONTEXT } from './producer-consumer.config.ts';
import { producerConsumerTree } from './producer-consumer.tree.ts';

/** The number of connections for reading pages of consumers and messages. */
export const PAGES_AT_ONCE = 2;

/** Separate pools, so that commits of messages do not delay the renewal of leases, and reads do not delay commits. */
export class Pools {
  readonly names: ReturnType<typeof createPool>;
  readonly store: ReturnType<typeof createPool>;
  readonly pages: ReturnType<typeof createPool>;

  constructor(connection: AppConnection) {
    this.names = createPool({ ...connection, poolMax: 1 });
    this.store = createPool({ ...connection, poolMax: 2 });
    this.pages = createPool({ ...connection, poolMax: PAGES_AT_ONCE });
  }

  async close(): Promise<void> {
    await Promise.all([this.names, this.store, this.pages].map((pool) => pool.end()));
  }
}

/** The token of the storage of cluster-wide names. */
export const NAME_STORAGE = token<NameStorage>('name storage');
/** The token of the root of the supervision tree. */
export const ROOT = token<Ref>('root');

/** Provides the supervision tree of this process, and the names that it holds in the group. */
@Module({
  providers: [
    provided(Pools, [CONNECTION]),
    provided(NAME_STORAGE, { pools: Pools }, ({ pools }) => new NameRepository(pools.names)),
    provided(System, { context: CONTEXT }, ({ context: { runtime, logger } }) =>
      new System(runtime, { hooks: { onCrash: (crash) => logCrash(logger, crash) } })),
    provided(ROOT, { context: CONTEXT, system: System, plan: ShutdownPlan }, async ({ context: { config }, system, plan }) => {
      const root = await system.start(producerConsumerTree(config.CONSUMERS_LIVE_MAX));
      plan.add({ phase: 'actors', name: 'actors', stop: () => root.stop('shutdown', 'infinity') });
      return root;
    }),
    provided(ClusterRegistry, { storage: NAME_STORAGE, system: System, incarnation: Incarnation, context: CONTEXT, plan: ShutdownPlan },
      ({ storage, system, incarnation: { id: incarnation, queue }, context: { config, logger }, plan }) => {
        const names = new ClusterRegistry({
          storage, system, incarnation, queue,
          times: { leaseMs: config.LEASE_MS, marginMs: config.LEASE_MARGIN_MS },
          onEvent: (event) => logger.warn(event.kind, 'error' in event ? errorFields(event.error) : event),
        });
        // Names are released after all requests are answered and all servers have ended. The next request for a name starts it elsewhere.
        plan.add({ phase: 'journal', name: 'names', start: () => names.join(), stop: () => names.leave() });
        return names;
      }),
  ],
  exports: [Pools, System, ROOT, ClusterRegistry],
})
export class NamesModule implements OnApplicationShutdown {
  constructor(@Inject(Pools) private readonly pools: Pools) {}

  async onApplicationShutdown(): Promise<void> {
    await this.pools.close();
  }
}

/** Logs a crash, unless a configured fault injected it; metrics count those. */
function logCrash(logger: Logger, { ref, reason }: Crash): void {
  const error = typeof reason === 'object' && 'error' in reason ? reason.error : reason;
  if ((error as Partial<Error> | undefined)?.name === 'InjectedCrash') return;
  logger.error('process crashed', { process: ref.label, ...errorFields(error) });
}

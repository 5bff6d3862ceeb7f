import { NameRepository } from '@aisle/cluster';
import { createPool } from '@aisle/persistence';
import { CONNECTION, Incarnation, errorFields, provided, token, type AppConnection, type Logger } from '@aisle/platform';
import { ClusterRegistry, type NameStorage } from '@aisle/registry';
import { ShutdownPlan } from '@aisle/std';
import { System, type Crash, type Ref } from '@aisle/supervision';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONTEXT } from './producer-consumer.config.ts';
import { producerConsumerTree } from './producer-consumer.tree.ts';

/** Connections that pages of consumers and of their messages are read by. */
export const PAGES_AT_ONCE = 2;

/** Pools apart, so that a lease is renewed however many messages wait for their commit, and these are committed whatever is read. */
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

export const NAME_STORAGE = token<NameStorage>('name storage');
/** The root of the tree of consumers and pipelines. */
export const ROOT = token<Ref>('root');

/** The processes of this app, and the names that they bear in the group. */
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
        // Names are free once all that came in is answered and no process bears them: the next request brings each back from the store.
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

/** A crash by a fault is what was asked for; metrics count it. */
function logCrash(logger: Logger, { ref, reason }: Crash): void {
  const error = typeof reason === 'object' && 'error' in reason ? reason.error : reason;
  if ((error as Partial<Error> | undefined)?.name === 'InjectedCrash') return;
  logger.error('process crashed', { process: ref.label, ...errorFields(error) });
}

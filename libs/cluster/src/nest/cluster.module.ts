import { Journal } from '@aisle/journal';
import { createPool, type PoolOptions } from '@aisle/persistence';
import { Registry } from '@aisle/registry';
import { ShutdownPlan } from '@aisle/std';
import { Supervisor, System, type Address, type ChildSpec, type SystemHooks } from '@aisle/supervision';
import {
  ConfigurableModuleBuilder, Global, Inject, Module, type DynamicModule, type InjectionToken, type ModuleMetadata,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { ActorKind } from '../hosting/actor-host.ts';
import { ClusterNode, type ClusterNodeOptions } from '../hosting/cluster-node.ts';
import { ClusterRepository } from '../storage/cluster.repository.ts';

/** A node of a shard group, and the supervision tree of its actors. */
export interface ClusterModuleOptions
  extends Pick<ClusterNodeOptions<object>, 'runtime' | 'incarnation' | 'queue' | 'limits' | 'times' | 'onEvent'> {
  /** Connections to the cluster's tables: they carry leases, and nothing else. */
  readonly pool: PoolOptions;
  /** The number of shards of the group. */
  readonly shards: number;
  readonly tree: ChildSpec;
  /** The id of the dynamic supervisor in the tree whose children the actors are. */
  readonly supervisor: string;
  readonly hooks?: SystemHooks;
}

/** A declaration of actors, such as a `journaledActor`. */
interface Hosted {
  kind(parts: HostParts): ActorKind<object>;
}

/** As `ActorParts`, for actors of any type. */
interface HostParts {
  readonly journal: Journal;
  readonly registry: never;
  readonly supervisor: Address;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<ClusterModuleOptions>().setClassMethodName('forRoot').build();
const HOST_PARTS = Symbol('parts of the hosted actors');
/** The token of the pool of connections to the cluster's tables. */
export const CLUSTER_POOL = Symbol('cluster pool');

/** Runs the actors' supervision tree, and provides its `System` and the cluster's pool. Needs a `Journal`. */
@Global()
@Module({
  providers: [
    { provide: System, inject: [MODULE_OPTIONS_TOKEN], useFactory: ({ runtime, hooks = {} }: ClusterModuleOptions) => new System(runtime, { hooks }) },
    { provide: HOST_PARTS, inject: [MODULE_OPTIONS_TOKEN, System, Journal, ShutdownPlan], useFactory: startTree },
    { provide: CLUSTER_POOL, inject: [MODULE_OPTIONS_TOKEN], useFactory: ({ pool }: ClusterModuleOptions) => createPool(pool) },
    {
      provide: ClusterRepository, inject: [MODULE_OPTIONS_TOKEN, CLUSTER_POOL],
      useFactory: ({ shards }: ClusterModuleOptions, pool: ReturnType<typeof createPool>) => new ClusterRepository(pool, shards),
    },
  ],
  exports: [System, HOST_PARTS, CLUSTER_POOL, ClusterRepository, MODULE_OPTIONS_TOKEN],
})
export class ClusterModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@Inject(CLUSTER_POOL) private readonly pool: ReturnType<typeof createPool>) {
    super();
  }

  /** Provides the `ClusterNode` that hosts the actors of `actor`, a provider of `imports`. It joins when the app is complete. */
  static forFeature({ imports, actor }: Pick<ModuleMetadata, 'imports'> & { readonly actor: InjectionToken }): DynamicModule {
    return {
      module: HostModule,
      imports: imports ?? [],
      providers: [{ provide: ClusterNode, inject: [MODULE_OPTIONS_TOKEN, ClusterRepository, HOST_PARTS, actor], useFactory: nodeOf }],
      exports: [ClusterNode],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}

@Module({})
class HostModule {
  constructor(@Inject(ClusterNode) node: ClusterNode<object>, @Inject(ShutdownPlan) plan: ShutdownPlan) {
    plan.add({ phase: 'handover', name: 'cluster node', start: () => node.join(), stop: () => node.leave() });
  }
}

async function startTree(
  { tree, supervisor }: ClusterModuleOptions, system: System, journal: Journal, plan: ShutdownPlan,
): Promise<HostParts> {
  const root = await system.start(tree);
  plan.add({ phase: 'actors', name: 'actors', stop: () => root.stop('shutdown', 'infinity') });
  return { journal, registry: new Registry(system, { keys: 'unique' }) as never, supervisor: Supervisor.child(root, supervisor) };
}

function nodeOf(options: ClusterModuleOptions, storage: ClusterRepository, parts: HostParts, actor: Hosted): ClusterNode<object> {
  const { runtime, incarnation, queue, limits, times, onEvent } = options;
  const { journal } = parts;
  return new ClusterNode({ storage, journal, runtime, incarnation, queue, limits, times, onEvent, actors: actor.kind(parts) });
}

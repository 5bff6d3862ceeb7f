import { Journal } from '@aisle/journal';
import { createPool, type PoolOptions } from '@aisle/persistence';
import { Registry } from '@aisle/registry';
import { ShutdownPlan } from '@aisle/std';
import { Supervisor, System, type Address, type ChildSpec, type Ref, type SystemHooks } from '@aisle/supervision';
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
  /** How many shards the group has. */
  readonly shards: number;
  readonly tree: ChildSpec;
  /** The id of the dynamic supervisor in the tree whose children the actors are. */
  readonly supervisor: string;
  readonly hooks?: SystemHooks;
}

/** A kind of actor: a `journaledActor`. */
interface Hosted {
  kind(parts: { journal: Journal; registry: never; supervisor: Address }): ActorKind<object>;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<ClusterModuleOptions>().setClassMethodName('forRoot').build();
const ROOT = Symbol('root of the actors');
/** The token of the pool of connections to the cluster's tables. */
export const CLUSTER_POOL = Symbol('cluster pool');

/** Runs the actors' supervision tree, and provides its `System` and the cluster's pool. */
@Global()
@Module({
  providers: [
    { provide: System, inject: [MODULE_OPTIONS_TOKEN], useFactory: ({ runtime, hooks = {} }: ClusterModuleOptions) => new System(runtime, { hooks }) },
    {
      provide: ROOT,
      inject: [MODULE_OPTIONS_TOKEN, System, ShutdownPlan],
      async useFactory({ tree }: ClusterModuleOptions, system: System, plan: ShutdownPlan): Promise<Ref> {
        const root = await system.start(tree);
        plan.add({ phase: 'actors', name: 'actors', stop: () => root.stop('shutdown', 'infinity') });
        return root;
      },
    },
    { provide: CLUSTER_POOL, inject: [MODULE_OPTIONS_TOKEN], useFactory: ({ pool }: ClusterModuleOptions) => createPool(pool) },
  ],
  exports: [System, ROOT, CLUSTER_POOL, MODULE_OPTIONS_TOKEN],
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
      providers: [{
        provide: ClusterNode,
        inject: [MODULE_OPTIONS_TOKEN, System, ROOT, CLUSTER_POOL, Journal, ShutdownPlan, actor],
        useFactory: nodeOf,
      }],
      exports: [ClusterNode],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool.end();
  }
}

@Module({})
class HostModule {}

function nodeOf(
  options: ClusterModuleOptions, system: System, root: Ref, pool: ReturnType<typeof createPool>, journal: Journal, plan: ShutdownPlan, actor: Hosted,
): ClusterNode<object> {
  const { shards, runtime, incarnation, queue, limits, times, onEvent, supervisor } = options;
  const node = new ClusterNode({
    storage: new ClusterRepository(pool, shards),
    journal, runtime, incarnation, queue, limits, times, onEvent,
    actors: actor.kind({
      journal,
      registry: new Registry(system, { keys: 'unique' }) as never,
      supervisor: Supervisor.child(root, supervisor),
    }),
  });
  plan.add({ phase: 'handover', name: 'cluster node', start: () => node.join(), stop: () => node.leave() });
  return node;
}

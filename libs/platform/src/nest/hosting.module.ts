import { ClusterNode, type ActorLimits } from '@aisle/cluster';
import { ClusterModule } from '@aisle/cluster/nest';
import { SHARDS, type ShardGroup } from '@aisle/contracts';
import { Journal, JournalPruner } from '@aisle/journal';
import { JournalModule } from '@aisle/journal/nest';
import { System, type ChildSpec } from '@aisle/supervision';
import {
  Global, Inject, Module, type DynamicModule, type InjectionToken, type ModuleMetadata, type OnApplicationBootstrap,
} from '@nestjs/common';
import { crashReport, failureReport, nodeReport } from '../reports.ts';
import type { AppContext } from '../run-app.ts';
import { showNode } from '../show-node.ts';
import { APP_CONTEXT, CONNECTION, Incarnation, type AppConnection } from './platform.module.ts';
import { part, provided, token, type Token } from './provided.ts';

/** The settings of an app that hosts actors: `LeaseConfig` and `JournalConfig`. */
interface HostConfig {
  readonly LEASE_MS: number;
  readonly LEASE_MARGIN_MS: number;
  readonly JOURNAL_RETENTION_MS: number;
}

/** The actors that a process hosts, and their node. */
export interface HostingOptions<C> {
  readonly group: ShardGroup;
  /** The plural of the actors' name, for metrics: `<actors>_live`. */
  readonly actors: string;
  /** The token of the `journaledActor`, a provider of one of the `imports`. */
  readonly actor: InjectionToken;
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  /** The id of the dynamic supervisor in the tree that starts the actors. */
  readonly supervisor: string;
  readonly host: (config: C) => { readonly tree: ChildSpec; readonly limits: ActorLimits };
}

const ACTORS = token<string>('plural of the actors');
const HOST: Token<AppContext<HostConfig>> = APP_CONTEXT;

/**
 * Hosts journaled actors on a node of their shard group. Provides `ClusterNode` and `Journal`; the ops port shows the health of
 * both.
 */
@Global()
@Module({})
export class HostingModule implements OnApplicationBootstrap {
  constructor(
    @Inject(APP_CONTEXT) private readonly context: AppContext<HostConfig>,
    @Inject(ACTORS) private readonly actors: string,
    @Inject(ClusterNode) private readonly node: ClusterNode<object>,
    @Inject(Journal) private readonly journal: Journal,
    @Inject(System) private readonly system: System,
  ) {}

  static forRoot<C>({ group, actors, actor, imports, supervisor, host }: HostingOptions<C>): DynamicModule {
    const hosted = ClusterModule.forFeature({ imports, actor });
    return {
      module: HostingModule,
      imports: [
        JournalModule.forRootAsync({
          inject: [APP_CONTEXT, CONNECTION, Incarnation],
          // One connection commits: two would halve the groups, and a commit costs more than the rows that it carries (ADR 7).
          useFactory: ({ runtime }: AppContext<C>, connection: AppConnection, { id: incarnation }: Incarnation) =>
            ({ ...connection, incarnation, runtime, lanes: 1 }),
        }),
        ClusterModule.forRootAsync({
          inject: [APP_CONTEXT, CONNECTION, Incarnation],
          useFactory: (context: AppContext<C & HostConfig>, connection: AppConnection, { id: incarnation, queue }: Incarnation) => ({
            ...host(context.config),
            pool: { ...connection, applicationName: incarnation, poolMax: 2 },
            shards: SHARDS[group], runtime: context.runtime, incarnation, queue, supervisor,
            hooks: { onCrash: crashReport(context) },
            times: { leaseMs: context.config.LEASE_MS, marginMs: context.config.LEASE_MARGIN_MS },
            onEvent: nodeReport(context),
          }),
        }),
        hosted,
      ],
      providers: [
        { provide: ACTORS, useValue: actors },
        part('readers', 'journal pruner', provided(JournalPruner, { journal: Journal, node: ClusterNode, context: HOST },
          ({ journal, node, context }) => new JournalPruner({
            journal, runtime: context.runtime, heldShards: () => node.heldShards, retentionMs: context.config.JOURNAL_RETENTION_MS,
            onFailed: failureReport(context, 'journal not pruned'),
          }))),
      ],
      exports: [hosted],
    };
  }

  onApplicationBootstrap(): void {
    const { context, actors, node, journal, system } = this;
    showNode(context, { node, journal, system }, actors);
  }
}

import { Requester } from '@aisle/broker';
import { ClusterNode } from '@aisle/cluster';
import { Journal, JournalPruner } from '@aisle/journal';
import { APP_CONTEXT, failureReport } from '@aisle/platform';
import { ShutdownPlan } from '@aisle/std';
import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import type { MarketContext } from '../market.config.ts';
import { ActorsModule } from '../market/actors.module.ts';
import { Markets } from '../market/markets.ts';
import { Ageing } from './ageing.ts';
import { Deadlines } from './deadlines.ts';
import { DueRows } from './due.repository.ts';

/** Whatever time alone brings about: reservations that end, lots that age, a journal that is old. */
@Module({
  imports: [ActorsModule],
  providers: [
    {
      provide: Deadlines,
      inject: [DueRows, Requester, APP_CONTEXT, ShutdownPlan],
      useFactory(rows: DueRows, requester: Requester, context: MarketContext, plan: ShutdownPlan): Deadlines {
        const deadlines = new Deadlines({
          rows, requester, runtime: context.runtime,
          wakeups: (options) => context.wakeups('reservations', options),
          onFailed: failureReport(context, 'wake-up not ordered'),
        });
        plan.add({ phase: 'readers', name: 'deadlines', stop: () => deadlines.close() });
        return deadlines;
      },
    },
    {
      provide: Ageing,
      inject: [DueRows, Markets, ClusterNode, APP_CONTEXT, ShutdownPlan],
      useFactory(rows: DueRows, markets: Markets, node: ClusterNode<object>, context: MarketContext, plan: ShutdownPlan): Ageing {
        const ageing = new Ageing({
          rows, markets, runtime: context.runtime, heldShards: () => node.heldShards, everyMs: context.config.LOTS_EVERY_MS,
          onFailed: failureReport(context, 'lots not aged'),
        });
        plan.add({ phase: 'readers', name: 'ageing', stop: () => ageing.stop() });
        return ageing;
      },
    },
    {
      provide: JournalPruner,
      inject: [Journal, ClusterNode, APP_CONTEXT, ShutdownPlan],
      useFactory(journal: Journal, node: ClusterNode<object>, context: MarketContext, plan: ShutdownPlan): JournalPruner {
        const pruner = new JournalPruner({
          journal, runtime: context.runtime, heldShards: () => node.heldShards, retentionMs: context.config.JOURNAL_RETENTION_MS,
          onFailed: failureReport(context, 'journal not pruned'),
        });
        plan.add({ phase: 'readers', name: 'journal pruner', stop: () => pruner.stop() });
        return pruner;
      },
    },
  ],
  exports: [Deadlines],
})
export class ExpiryModule implements OnApplicationBootstrap {
  constructor(
    @Inject(Ageing) private readonly ageing: Ageing,
    @Inject(JournalPruner) private readonly pruner: JournalPruner,
  ) {}

  onApplicationBootstrap(): void {
    this.ageing.start();
    this.pruner.start();
  }
}

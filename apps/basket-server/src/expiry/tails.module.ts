import { ClusterNode } from '@aisle/cluster';
import { Journal, JournalPruner, JournalTail } from '@aisle/journal';
import { APP_CONTEXT, failureReport } from '@aisle/platform';
import { ShutdownPlan } from '@aisle/std';
import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import type { BasketServerContext } from '../basket-server.config.ts';
import { Baskets } from '../basket/baskets.ts';
import { BasketsModule } from '../basket/baskets.module.ts';
import { CheckoutModule } from '../checkout/checkout.module.ts';
import { UnplacedCheckouts } from '../checkout/unplaced-checkouts.ts';
import { MergeModule } from '../merge/merge.module.ts';
import { Merges } from '../merge/merges.ts';
import { Prices } from '../pricing/prices.ts';
import { Sweeper } from './sweeper.ts';

/** How often the journal is looked through for what was begun and not ended. */
const UNFINISHED_EVERY_MS = 2_000;

/** Readers of the journal of the shards here: what was begun is ended, and what was abandoned, or is old, goes. */
@Module({
  imports: [BasketsModule, CheckoutModule, MergeModule],
  providers: [
    {
      provide: JournalTail,
      inject: [Journal, ClusterNode, Merges, UnplacedCheckouts, APP_CONTEXT, ShutdownPlan],
      useFactory(
        journal: Journal, node: ClusterNode<object>, merges: Merges, unplaced: UnplacedCheckouts, context: BasketServerContext, plan: ShutdownPlan,
      ): JournalTail {
        const tail = new JournalTail({
          journal, runtime: context.runtime, heldShards: () => node.heldShards, everyMs: UNFINISHED_EVERY_MS, consumers: [merges, unplaced],
          onFailed: failureReport(context, 'journal not followed'),
        });
        plan.add({ phase: 'readers', name: 'journal tail', stop: () => tail.stop() });
        return tail;
      },
    },
    {
      provide: Sweeper,
      inject: [Journal, ClusterNode, Baskets, Prices, APP_CONTEXT, ShutdownPlan],
      useFactory(
        journal: Journal, node: ClusterNode<object>, baskets: Baskets, prices: Prices, context: BasketServerContext, plan: ShutdownPlan,
      ): Sweeper {
        const sweeper = new Sweeper({
          journal, runtime: context.runtime, heldShards: () => node.heldShards, baskets, prices,
          abandonedAfterMs: context.config.ABANDONED_AFTER_MS,
          onFailed: failureReport(context, 'abandoned baskets not expired'),
        });
        plan.add({ phase: 'readers', name: 'sweeper', stop: () => sweeper.stop() });
        return sweeper;
      },
    },
    {
      provide: JournalPruner,
      inject: [Journal, ClusterNode, APP_CONTEXT, ShutdownPlan],
      useFactory(journal: Journal, node: ClusterNode<object>, context: BasketServerContext, plan: ShutdownPlan): JournalPruner {
        const pruner = new JournalPruner({
          journal, runtime: context.runtime, heldShards: () => node.heldShards, retentionMs: context.config.JOURNAL_RETENTION_MS,
          onFailed: failureReport(context, 'journal not pruned'),
        });
        plan.add({ phase: 'readers', name: 'journal pruner', stop: () => pruner.stop() });
        return pruner;
      },
    },
  ],
})
export class TailsModule implements OnApplicationBootstrap {
  constructor(
    @Inject(JournalTail) private readonly tail: JournalTail,
    @Inject(Sweeper) private readonly sweeper: Sweeper,
    @Inject(JournalPruner) private readonly pruner: JournalPruner,
  ) {}

  onApplicationBootstrap(): void {
    for (const reader of [this.tail, this.sweeper, this.pruner]) reader.start();
  }
}

import { ClusterNode } from '@aisle/cluster';
import { Journal, JournalTail } from '@aisle/journal';
import { failureReport, part, provided } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { CONTEXT } from '../basket-server.config.ts';
import { Baskets } from '../basket/baskets.ts';
import { BasketsModule } from '../basket/baskets.module.ts';
import { CheckoutModule } from '../checkout/checkout.module.ts';
import { UnplacedCheckouts } from '../checkout/unplaced-checkouts.ts';
import { MergeModule } from '../merge/merge.module.ts';
import { Merges } from '../merge/merges.ts';
import { Prices } from '../pricing/prices.ts';
import { Sweeper } from './sweeper.ts';

/** The interval at which the journal is searched for unfinished merges and checkouts. */
const UNFINISHED_EVERY_MS = 2_000;

/** Readers of the journal of this server's shards. They finish merges and checkouts, and empty abandoned baskets. */
@Module({
  imports: [BasketsModule, CheckoutModule, MergeModule],
  providers: [
    part('readers', 'journal tail', provided(
      JournalTail, { journal: Journal, node: ClusterNode, merges: Merges, unplaced: UnplacedCheckouts, context: CONTEXT },
      ({ journal, node, merges, unplaced, context }) => new JournalTail({
        journal, runtime: context.runtime, heldShards: () => node.heldShards, everyMs: UNFINISHED_EVERY_MS, consumers: [merges, unplaced],
        onFailed: failureReport(context, 'journal not followed'),
      }))),
    part('readers', 'sweeper', provided(Sweeper, { journal: Journal, node: ClusterNode, baskets: Baskets, prices: Prices, context: CONTEXT },
      ({ node, context, ...parts }) => new Sweeper({
        ...parts, runtime: context.runtime, heldShards: () => node.heldShards, abandonedAfterMs: context.config.ABANDONED_AFTER_MS,
        onFailed: failureReport(context, 'abandoned baskets not expired'),
      }))),
  ],
})
export class ExpiryModule {}

import { RequesterModule } from '@aisle/broker/nest';
import { ClusterNode } from '@aisle/cluster';
import { BasketProtocol, PricesProtocol, SandboxProtocol } from '@aisle/contracts';
import { Journal } from '@aisle/journal';
import { JournalModule } from '@aisle/journal/nest';
import { PersistenceModule } from '@aisle/persistence/nest';
import { APP_CONTEXT, Incarnation, QueueModule, showNode } from '@aisle/platform';
import { System } from '@aisle/supervision';
import { Inject, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { connectionOf, queueOf, type BasketServerContext } from './basket-server.config.ts';
import { Baskets } from './basket/baskets.ts';
import { BasketsModule } from './basket/baskets.module.ts';
import { CheckoutModule } from './checkout/checkout.module.ts';
import { TailsModule } from './expiry/tails.module.ts';
import { BasketInbox } from './inbox/basket.inbox.ts';
import { MergeModule } from './merge/merge.module.ts';
import { StrategyInbox } from './strategy/strategy.inbox.ts';

/** On a busy machine the first connection takes a while. */
const START_WITHIN_MS = 30_000;
/** Histories are read with connections that rules, the catalogue and baskets are read by as well. */
const HISTORIES_AT_ONCE = 2;

@Module({
  imports: [
    PersistenceModule.forRootAsync({
      inject: [APP_CONTEXT, Incarnation],
      // A start has time; a command waits for none of these connections. One listens for new rules.
      useFactory: (context: BasketServerContext, incarnation: Incarnation) =>
        ({ ...connectionOf(context, incarnation), poolMax: 3, connectTimeoutMs: START_WITHIN_MS }),
    }),
    JournalModule.forRootAsync({
      inject: [APP_CONTEXT, Incarnation],
      // One connection commits: two would halve the groups, and a commit costs more than what it carries (ADR 7).
      useFactory: (context: BasketServerContext, incarnation: Incarnation) =>
        ({ ...connectionOf(context, incarnation), incarnation: incarnation.id, runtime: context.runtime, lanes: 1 }),
    }),
    RequesterModule.forRootAsync({
      inject: [APP_CONTEXT, Incarnation],
      useFactory: ({ transport, runtime }: BasketServerContext, incarnation: Incarnation) =>
        ({ transport, runtime, replyQueue: `${queueOf(incarnation)}-replies` }),
    }),
    QueueModule.forRootAsync({
      imports: [BasketsModule],
      inject: [Incarnation, ClusterNode, Baskets],
      useFactory: (incarnation: Incarnation, node: ClusterNode<object>, { routes }: Baskets) => ({
        queue: queueOf(incarnation), protocols: [BasketProtocol, PricesProtocol, SandboxProtocol], routes,
        owns: (shard: number) => node.accepts(shard), turns: HISTORIES_AT_ONCE,
      }),
    }),
    BasketsModule,
    CheckoutModule,
    MergeModule,
    TailsModule,
  ],
  controllers: [BasketInbox, StrategyInbox],
})
export class BasketServerModule implements OnApplicationBootstrap {
  constructor(
    @Inject(APP_CONTEXT) private readonly context: BasketServerContext,
    @Inject(ClusterNode) private readonly node: ClusterNode<object>,
    @Inject(Journal) private readonly journal: Journal,
    @Inject(System) private readonly system: System,
  ) {}

  /** What operators see of it. */
  onApplicationBootstrap(): void {
    const { context, node, journal, system } = this;
    showNode(context, { node, journal, system }, 'baskets');
  }
}

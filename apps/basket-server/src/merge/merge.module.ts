import { Requester } from '@aisle/broker';
import { Journal } from '@aisle/journal';
import { APP_CONTEXT } from '@aisle/platform';
import { Module } from '@nestjs/common';
import type { BasketServerContext } from '../basket-server.config.ts';
import { Baskets } from '../basket/baskets.ts';
import { BasketsModule } from '../basket/baskets.module.ts';
import { Prices } from '../pricing/prices.ts';
import { absorbElsewhere } from './absorb-elsewhere.ts';
import { MergeInbox } from './merge.inbox.ts';
import { Merger } from './merger.ts';
import { Merges } from './merges.ts';

/** Baskets that go into others. */
@Module({
  imports: [BasketsModule],
  controllers: [MergeInbox],
  providers: [
    {
      provide: Merger,
      inject: [Baskets, Prices, Requester],
      useFactory: (baskets: Baskets, prices: Prices, requester: Requester) =>
        new Merger({ baskets, prices, absorb: absorbElsewhere(requester) }),
    },
    {
      provide: Merges,
      inject: [Journal, Merger, APP_CONTEXT],
      useFactory: (journal: Journal, merger: Merger, { runtime }: BasketServerContext) => new Merges({ journal, runtime, merger }),
    },
  ],
  exports: [Merges],
})
export class MergeModule {}

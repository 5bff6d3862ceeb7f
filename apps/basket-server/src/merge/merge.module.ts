import { Requester } from '@aisle/broker';
import { Journal } from '@aisle/journal';
import { RUNTIME, provided } from '@aisle/platform';
import { Module } from '@nestjs/common';
import { Baskets } from '../basket/baskets.ts';
import { BasketsModule } from '../basket/baskets.module.ts';
import { Prices } from '../pricing/prices.ts';
import { absorbElsewhere } from './absorb-elsewhere.ts';
import { MergeInbox } from './merge.inbox.ts';
import { Merger } from './merger.ts';
import { Merges } from './merges.ts';

/** Merges of baskets. */
@Module({
  imports: [BasketsModule],
  controllers: [MergeInbox],
  providers: [
    provided(Merger, { baskets: Baskets, prices: Prices, requester: Requester },
      ({ requester, ...parts }) => new Merger({ ...parts, absorb: absorbElsewhere(requester) })),
    provided(Merges, { journal: Journal, runtime: RUNTIME, merger: Merger }),
  ],
  exports: [Merges],
})
export class MergeModule {}

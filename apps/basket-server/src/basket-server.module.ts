import { Module, type DynamicModule } from '@nestjs/common';
import { Baskets } from './basket/baskets.ts';
import { MergeInbox } from './merge/merge.inbox.ts';
import { Merger } from './merge/merger.ts';
import { Prices } from './pricing/prices.ts';
import { BasketInbox } from './inbox/basket.inbox.ts';
import { Quotes } from './quote/quotes.ts';

@Module({})
export class BasketServerModule {
  static with({ baskets, prices, merger }: { baskets: Baskets; prices: Prices; merger: Merger }): DynamicModule {
    return {
      module: BasketServerModule,
      controllers: [BasketInbox, MergeInbox],
      providers: [
        Quotes,
        { provide: Baskets, useValue: baskets },
        { provide: Prices, useValue: prices },
        { provide: Merger, useValue: merger },
      ],
    };
  }
}

import { Module, type DynamicModule } from '@nestjs/common';
import { Baskets } from './basket/baskets.ts';
import { Prices } from './pricing/prices.ts';
import { BasketInbox } from './inbox/basket.inbox.ts';
import { Quotes } from './quote/quotes.ts';

@Module({})
export class BasketServerModule {
  static with({ baskets, prices }: { baskets: Baskets; prices: Prices }): DynamicModule {
    return {
      module: BasketServerModule,
      controllers: [BasketInbox],
      providers: [
        Quotes,
        { provide: Baskets, useValue: baskets },
        { provide: Prices, useValue: prices },
      ],
    };
  }
}

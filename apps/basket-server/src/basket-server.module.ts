import { Module, type DynamicModule } from '@nestjs/common';
import { Baskets } from './basket/baskets.ts';
import { BasketInbox } from './inbox/basket.inbox.ts';
import { Quotes } from './quote/quotes.ts';

@Module({})
export class BasketServerModule {
  static with({ baskets, quotes }: { baskets: Baskets; quotes: Quotes }): DynamicModule {
    return {
      module: BasketServerModule,
      controllers: [BasketInbox],
      providers: [
        { provide: Baskets, useValue: baskets },
        { provide: Quotes, useValue: quotes },
      ],
    };
  }
}

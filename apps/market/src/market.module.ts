import { Module, type DynamicModule } from '@nestjs/common';
import { Deadlines } from './expiry/deadlines.ts';
import { MarketInbox } from './inbox/market.inbox.ts';
import { OrderLog } from './inbox/order-log.ts';
import { ProductInbox } from './inbox/product.inbox.ts';
import { StockInbox } from './inbox/stock.inbox.ts';
import { Markets } from './market/markets.ts';
import { MarketLists } from './rows/market-lists.repository.ts';

/** What answers the messages. */
export interface MarketParts {
  readonly markets: Markets;
  readonly lists: MarketLists;
  readonly deadlines: Deadlines;
  readonly log: OrderLog;
}

@Module({})
export class MarketModule {
  static with({ markets, lists, deadlines, log }: MarketParts): DynamicModule {
    return {
      module: MarketModule,
      controllers: [MarketInbox, ProductInbox, StockInbox],
      providers: [
        { provide: Markets, useValue: markets },
        { provide: MarketLists, useValue: lists },
        { provide: Deadlines, useValue: deadlines },
        { provide: OrderLog, useValue: log },
      ],
    };
  }
}

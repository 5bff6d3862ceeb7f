import { Module, type DynamicModule } from '@nestjs/common';
import { OrderInbox } from './inbox/order.inbox.ts';
import { OrderDesk } from './order/order-desk.ts';
import { OrderReads } from './reading/order-reads.ts';
import { OrderPlacing } from './placing/order-placing.ts';

/** What answers the messages. */
export interface OrdersParts {
  readonly placing: OrderPlacing;
  readonly desk: OrderDesk;
  readonly reads: OrderReads;
}

@Module({})
export class OrdersModule {
  static with({ placing, desk, reads }: OrdersParts): DynamicModule {
    return {
      module: OrdersModule,
      controllers: [OrderInbox],
      providers: [
        { provide: OrderPlacing, useValue: placing },
        { provide: OrderDesk, useValue: desk },
        { provide: OrderReads, useValue: reads },
      ],
    };
  }
}

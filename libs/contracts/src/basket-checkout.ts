import { z } from 'zod';
import { Adjustment } from './basket.ts';
import { Instant } from './calendar.ts';
import { GivenMoney, Money } from './money.ts';
import { OrderLine } from './order.ts';
import { Text } from './text.ts';

/** The body of `POST …/checkout`; none is as good as an empty one. */
export const CheckOut = z
  .strictObject({
    total: GivenMoney.optional()
      .meta({ description: 'what the shopper was told it costs: when prices have changed it to another, nothing is ordered (412)' }),
  })
  .default({})
  .meta({ id: 'CheckOut' });
export type CheckOut = z.infer<typeof CheckOut>;

/** The answer to `POST …/checkout`: what was ordered, at prices that nothing changes any more. */
export const CheckedOut = z
  .strictObject({
    orderId: Text.meta({ description: 'the order, at /v1/orders/{orderId} from now on' }),
    market: Text,
    basket: Text,
    lines: z.array(OrderLine),
    adjustments: z.array(Adjustment).meta({ description: 'by the rules for the basket as a whole' }),
    total: Money.meta({ description: 'what the basket came to, its own adjustments included; the totals of the lines sum to it' }),
    degraded: z.boolean().optional().meta({ description: 'a rule failed when it was priced' }),
    at: Instant,
  })
  .meta({ id: 'CheckedOut' });
export type CheckedOut = z.infer<typeof CheckedOut>;

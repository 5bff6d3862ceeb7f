import { z } from 'zod';
import { Adjustment } from './basket.ts';
import { Instant } from './calendar.ts';
import { GivenMoney, Money } from './money.ts';
import { OrderLine } from './order.ts';
import { Taxes } from './taxes.ts';
import { Text } from './text.ts';

/** The body of `POST …/checkout`. No body means an empty one. */
export const CheckOut = z
  .strictObject({
    total: GivenMoney.optional()
      .meta({ description: 'the total that the shopper saw; if prices have changed it, nothing is ordered and the answer is 412' }),
  })
  .default({})
  .meta({ id: 'CheckOut' });
export type CheckOut = z.infer<typeof CheckOut>;

/** The answer to `POST …/checkout`: the ordered lines at their final prices. */
export const CheckedOut = z
  .strictObject({
    orderId: Text.meta({ description: 'the order, which can be read at /v1/orders/{orderId}' }),
    market: Text,
    basket: Text,
    lines: z.array(OrderLine),
    adjustments: z.array(Adjustment).meta({ description: 'adjustments by rules for the whole basket' }),
    total: Money.meta({ description: 'the total of the basket with its own adjustments; it is the sum of the totals of the lines' }),
    taxes: Taxes.optional(),
    degraded: z.boolean().optional().meta({ description: 'true if a rule failed when the basket was priced' }),
    at: Instant,
  })
  .meta({ id: 'CheckedOut' });
export type CheckedOut = z.infer<typeof CheckedOut>;

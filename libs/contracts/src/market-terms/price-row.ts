import { z } from 'zod';
import { CalendarDate, Instant } from '../calendar.ts';
import { Identifier } from '../identifier.ts';
import { GivenMoney } from '../money.ts';

const LOCAL = /^(?!0000)[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$/;

const LocalDateTime = z.string()
  .refine((text) => LOCAL.test(text) && CalendarDate.safeParse(text.slice(0, 10)).success, 'must be a local time such as 2031-01-31T06:00');

/** A bound of a period: a day or a time of the shop's clock, or an instant. A day means its beginning. */
export const ShopMoment = z.union(
  [CalendarDate, LocalDateTime, Instant],
  'must be a day such as 2031-01-31, a local time such as 2031-01-31T06:00, or an instant such as 2031-01-31T06:00:00Z',
).meta({ id: 'ShopMoment' });
export type ShopMoment = z.infer<typeof ShopMoment>;

/** A price that is in force from `from` until `until`, and is known before. */
export const PriceRow = z
  .strictObject({
    price: GivenMoney,
    from: ShopMoment,
    until: ShopMoment.optional().meta({ description: 'exclusive; for good unless given' }),
    reduction: z.literal(true).optional().meta({ description: 'an announced reduction: the document says the lowest price of the 30 days before' }),
  })
  .meta({ id: 'PriceRow' });
export type PriceRow = z.infer<typeof PriceRow>;

/** The lists from which a market takes the prices that it has not itself, the nearest first. */
export const PriceLists = z.array(Identifier).max(8).meta({ id: 'PriceLists' });

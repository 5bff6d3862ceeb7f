import { z } from 'zod';
import { Identifier } from '../identifier.ts';

const AGE_MAX = 99;
const TIME = /^([01][0-9]|2[0-3]):[0-5][0-9]$/;

/** A time of day on a shop's clock, such as `20:00`. */
export const TimeOfDay = z.string().regex(TIME, 'must be a time of day from 00:00 to 23:59').meta({ id: 'TimeOfDay' });

/** Hours of the shop's clock, on all weekdays unless told. Hours that end before they begin go on until the next day. */
export const Hours = z
  .strictObject({
    from: TimeOfDay,
    until: z.string().regex(/^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$/, 'must be a time of day from 00:00 to 24:00')
      .meta({ description: 'exclusive' }),
    daysOfWeek: z.array(z.int().min(1).max(7)).min(1).max(7).optional()
      .meta({ description: 'the days on which these hours begin: 1 is Monday, 7 is Sunday' }),
  })
  .refine(({ from, until }) => from !== until, { message: 'must not be equal to `from`', path: ['until'] })
  .meta({ id: 'Hours' });
export type Hours = z.infer<typeof Hours>;

/** The conditions under which a product may be sold. */
export const Restriction = z
  .strictObject({
    minAge: z.int().min(1).max(AGE_MAX).optional().meta({ description: 'years that the customer must have completed' }),
    hours: z.array(Hours).min(1).max(16).optional().meta({ description: 'the hours in which it may be sold, in shop time' }),
  })
  .refine(({ minAge, hours }) => minAge !== undefined || hours !== undefined, 'must have minAge or hours')
  .meta({ id: 'Restriction' });
export type Restriction = z.infer<typeof Restriction>;

/** The confirmation that a customer is old enough, and who gave it. Aisle stores no birthdays. */
export const Confirmation = z
  .strictObject({
    over: z.int().min(1).max(AGE_MAX).meta({ description: 'the customer has completed these years' }),
    by: Identifier.meta({ description: 'the member of staff, or the check, that confirmed it' }),
  })
  .meta({ id: 'Confirmation' });
export type Confirmation = z.infer<typeof Confirmation>;

/** The age that must be confirmed before a sale: the highest of its products; undefined if none has one. */
export function ageToConfirm(restrictions: readonly Pick<Restriction, 'minAge'>[]): number | undefined {
  const ages = restrictions.flatMap(({ minAge }) => minAge ?? []);
  return ages.length === 0 ? undefined : Math.max(...ages);
}

/** Whether confirmations cover an age. A customer over 21 is over 18, too. */
export function isConfirmed(age: number, confirmations: readonly Confirmation[]): boolean {
  return confirmations.some(({ over }) => over >= age);
}

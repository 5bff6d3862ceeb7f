import { z } from 'zod';

const YEAR_0 = '0000';
const YEARS = 'must be in the years 0001 to 9999';

/** A calendar day, such as `2031-01-31`. The year 0 of ISO 8601 is refused, because PostgreSQL has none. */
export const CalendarDate = z.iso.date().refine(isOfAYear, YEARS);

/** An instant in UTC, such as `2031-01-31T12:00:00.000Z`. */
export const Instant = z.iso.datetime().refine(isOfAYear, YEARS);

function isOfAYear(text: string): boolean {
  return !text.startsWith(YEAR_0);
}

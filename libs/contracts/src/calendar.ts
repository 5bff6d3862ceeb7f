import { z } from 'zod';

const YEAR_0 = '0000';
const YEARS = 'must be of the years 0001 to 9999';

/** A day of the calendar, such as `2031-01-31`. ISO 8601 has a year 0, PostgreSQL has none. */
export const CalendarDate = z.iso.date().refine(isOfAYear, YEARS);

/** An instant in UTC, such as `2031-01-31T12:00:00.000Z`. */
export const Instant = z.iso.datetime().refine(isOfAYear, YEARS);

function isOfAYear(text: string): boolean {
  return !text.startsWith(YEAR_0);
}

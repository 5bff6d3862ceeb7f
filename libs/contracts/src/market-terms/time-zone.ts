import { z } from 'zod';

const NAME = /^[A-Za-z][A-Za-z0-9_+\-/]{1,63}$/;

/** The IANA name of a time zone. Fixed offsets are refused, because a shop's clock follows its law. */
export const TimeZone = z
  .string()
  .refine(isTimeZone, 'must be the IANA name of a time zone, such as Europe/Berlin')
  .meta({ id: 'TimeZone', description: 'the IANA name of a time zone', pattern: '^[A-Za-z][A-Za-z0-9_+\\-/]{1,63}$' });

function isTimeZone(name: string): boolean {
  if (!NAME.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

import { z } from 'zod';

const PRINTABLE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]{1,128}$/u;

/** A caller's own name for a thing: 1 to 128 printable characters, `Bob's list` among them. */
export const Identifier = z
  .string()
  .regex(PRINTABLE, '1 to 128 printable characters')
  .meta({ id: 'Identifier' });

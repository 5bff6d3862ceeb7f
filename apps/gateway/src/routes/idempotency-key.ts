import { Identifier } from '@aisle/contracts';
import { systemRuntime, uuidv7 } from '@aisle/std';
import { IdempotencyFailure } from './request-failures.ts';

// No standard says which other characters the bytes of a header stand for (RFC 9110, section 5.5).
const ASCII = /^[\x20-\x7e]*$/;

/** The caller's `Idempotency-Key`, or a new UUID. A command is applied at most once under it. Throws `idempotency.key_invalid`. */
export function commandIdOf(header: string | string[] | undefined): string {
  if (header === undefined) return uuidv7(systemRuntime);
  const { data, error } = Identifier.safeParse(header);
  if (data === undefined) throw IdempotencyFailure.keyInvalid(error?.issues[0]?.message ?? 'is not well-formed');
  if (!ASCII.test(data)) throw IdempotencyFailure.keyInvalid('must be of printable ASCII characters');
  return data;
}
